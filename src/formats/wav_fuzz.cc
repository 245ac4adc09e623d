#include "core/error.h"
#include "formats/wav.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    teff::Sound sound = teff::read_wav(teff::Bytes::of(std::span(data, size)));
    sound.samples = teff::mix_down(sound.samples);
    teff::read_wav(teff::Bytes::own(teff::wav_bytes(sound)));
  } catch (const teff::Error&) {
  }
  return 0;
}
