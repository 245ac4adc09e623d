#include <fmt/format.h>

#include "lab.h"
#include "page.h"
#include "svg.h"

namespace teff::cli {
namespace {

const char* kind_of(const Table::Column& column) { return column.align == Align::right ? "n" : "w"; }

std::string table_of(const Sheet& sheet) {
  std::string text = "<table><tr>";
  for (const auto& column : sheet.columns)
    text += fmt::format("<th class='{}'>{}</th>", kind_of(column), escaped(column.heading));
  for (const auto& row : sheet.rows) {
    text += "</tr>\n<tr>";
    for (size_t i = 0; i < row.size(); ++i)
      text += fmt::format("<td class='{}'>{}</td>", kind_of(sheet.columns[i]), escaped(row[i]));
  }
  return text + "</tr></table>\n";
}

}  // namespace

std::string lab_html(const LabReport& report) {
  std::string page = page_head(report.title, report.words);
  for (const LabSection& section : report.sections) {
    page += fmt::format("<h2>{}</h2>\n", escaped(section.heading));
    if (!section.words.empty()) page += fmt::format("<p class='soft'>{}</p>\n", escaped(section.words));
    if (!section.svg.empty()) page += "<div class='frame lab'>" + section.svg + "</div><p></p>\n";
    page += "<div class='frame'>" + table_of(section.sheet) + "</div>\n";
    if (!section.notes.empty()) page += fmt::format("<p class='soft notes'>{}</p>\n", escaped(section.notes));
  }
  return page + page_end();
}

}  // namespace teff::cli
