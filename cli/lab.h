// teff lab: chapters that measure the lectures' techniques on this machine. A chapter gives what it found
// once, as sections with a table and perhaps a picture each; lab.cc prints them, or makes a page of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arguments.h"
#include "text.h"

namespace teff::cli {

struct Sheet {
  std::vector<Table::Column> columns;
  std::vector<std::vector<std::string>> rows;
};

struct LabSection {
  std::string heading;
  std::string words;  // before the table
  Sheet sheet;
  std::string notes;  // after it
  std::string svg;    // on pages only
};

struct LabReport {
  std::string title, words;  // of the page
  std::vector<LabSection> sections;
  std::string json;
};

struct Chapter {
  std::string_view name, summary;
  std::vector<std::string_view> options;  // of those in lab.cc's table
  LabReport (*measure)(const Arguments& arguments);
};

extern const Chapter kLabMatmul;
extern const Chapter kLabCache;
extern const Chapter kLabConv;
extern const Chapter kLabRoofline;
extern const Chapter kLabCost;

std::string lab_html(const LabReport& report);

// "12.3x", and "0.45x" where that is not a gain.
std::string factor_text(double factor);
std::string percent_text(double share);

}  // namespace teff::cli
