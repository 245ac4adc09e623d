// Tables and numbers for people to read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace teff::cli {

enum class Align { left, right };

// Columns as wide as their widest cell; empty columns are left out.
class Table {
 public:
  struct Column {
    std::string heading;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string count_text(int64_t n);   // "7.49 M"
std::string bytes_text(int64_t n);   // "54.0 kB" (1 kB = 1024 bytes)
std::string seconds_text(double s);  // "12.3 us"
std::string shorten(const std::string& text, size_t most);
// A bar of at most `width` characters, in eighths.
std::string bar(int64_t value, int64_t most, int width);

}  // namespace teff::cli
