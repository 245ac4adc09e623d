#include "core/error.h"
#include "formats/npz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    teff::read_npz(teff::Bytes::of(std::span(data, size)));
  } catch (const teff::Error&) {
  }
  return 0;
}
