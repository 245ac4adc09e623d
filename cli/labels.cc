#include "labels.h"

#include <sstream>

#include "core/file.h"

namespace teff::cli {

std::vector<std::string> parse_labels(const std::string& text) {
  std::vector<std::string> labels;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    labels.push_back(line);
  }
  return labels;
}

std::vector<std::string> read_labels(const Arguments& arguments) {
  const auto path = arguments.value("--labels");
  if (!path) return {};
  const Bytes file = map_file(*path);
  return parse_labels(std::string(reinterpret_cast<const char*>(file.data()), file.size()));
}

}  // namespace teff::cli
