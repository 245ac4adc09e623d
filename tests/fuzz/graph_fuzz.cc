#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "tests/fuzz/random_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  teff::conformance::Random random(std::span(data, size));
  const std::string found = teff::fusion_difference(teff::random_graph(random));
  if (found.empty()) return 0;
  fmt::print(stderr, "{}", found);
  std::abort();
}
