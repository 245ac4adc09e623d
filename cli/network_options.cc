#include "network_options.h"

#include <cstdlib>

namespace teff::cli {

LoadOptions load_options(const Arguments& arguments) {
  LoadOptions options{.fuse = !arguments.has("--no-fuse")};
  for (const std::string& word : arguments.values("--shape")) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) throw UsageError("--shape " + word + ": NAME=1x2x3 is expected");
    options.shapes[word.substr(0, equals)] = parse_shape(word.substr(equals + 1));
  }
  return options;
}

int threads(const Arguments& arguments) {
  return static_cast<int>(arguments.number("--threads", 0, 1, 1024));
}

std::optional<PixelRange> pixel_range(const Arguments& arguments) {
  const auto text = arguments.value("--range");
  if (!text) return std::nullopt;
  PixelRange range;
  char* end = nullptr;
  range.lo = std::strtof(text->c_str(), &end);
  const bool comma = end != text->c_str() && *end == ',';
  const char* second = comma ? end + 1 : end;
  if (comma) range.hi = std::strtof(second, &end);
  if (!comma || end == second || *end != '\0') throw UsageError("--range " + *text + ": LO,HI is expected");
  return range;
}

}  // namespace teff::cli
