// The repository's own sources, for the tests that hold them to the rules of the house.
#pragma once

#include <string>
#include <vector>

namespace teff {

struct Source {
  std::string path;  // from the root of the repository: "src/core/file.h"
  std::vector<std::string> lines;
};

// The C, C++ and CUDA files and the .inc tables of the repository, ordered by path; what is built is not
// looked at.
std::vector<Source> sources();

std::vector<std::string> lines_of(const std::string& path);

// Folders directly below `path`, as "name", without hidden ones and without what builds leave.
std::vector<std::string> folders_in(const std::string& path);

}  // namespace teff
