#include "core/error.h"
#include "formats/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const teff::Array array = teff::read_npy(teff::Bytes::of(std::span(data, size)));
    teff::read_npy(teff::Bytes::own(teff::npy_bytes(array.view())));
  } catch (const teff::Error&) {
  }
  return 0;
}
