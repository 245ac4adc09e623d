#include "tree.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace teff {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TEFF_ROOT;

bool is_source(const fs::path& path) {
  constexpr std::array kExtensions = {".h", ".c", ".cc", ".cu", ".cuh", ".inc"};
  return std::ranges::find(kExtensions, path.extension()) != kExtensions.end();
}

}  // namespace

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(kRoot / path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> folders_in(const std::string& path) {
  constexpr std::array kLeftByBuilds = {"build", "out", "__pycache__"};
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / path)) {
    const std::string name = entry.path().filename();
    if (entry.is_directory() && name[0] != '.' &&
        std::ranges::find(kLeftByBuilds, name) == kLeftByBuilds.end())
      names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<Source> sources() {
  std::vector<Source> found;
  for (const std::string& folder : folders_in("."))
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string path = entry.path().lexically_relative(kRoot);
      if (entry.is_regular_file() && is_source(path)) found.push_back({path, lines_of(path)});
    }
  std::ranges::sort(found, {}, &Source::path);
  return found;
}

}  // namespace teff
