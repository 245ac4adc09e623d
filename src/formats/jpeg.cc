#include <cstdio>  // jpeglib.h needs FILE

#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstring>
#include <string>

#include "core/error.h"
#include "formats/image.h"

namespace teff {
namespace {

constexpr int kMaxScans = 100;                   // progressive files have about ten
constexpr int64_t kMaxPixelsPerByte = 8 * 1024;  // a unit of at most 32x32 pixels takes a bit

// libjpeg reports errors by longjmp, which must not pass over anything with a destructor: all that has one
// lives in functions that do not call libjpeg except through guarded().
struct Jpeg {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf on_error;
  char message[JMSG_LENGTH_MAX] = "";

  Jpeg();
  Jpeg(const Jpeg&) = delete;
  Jpeg& operator=(const Jpeg&) = delete;
  ~Jpeg() { jpeg_destroy_decompress(&info); }

  // Runs `step`, which calls libjpeg and has nothing to destroy.
  template <class Step>
  void guarded(const Step& step) {
    check(runs(step), "damaged JPEG: {}", std::string(message));
  }

 private:
  template <class Step>
  bool runs(const Step& step) {
    if (setjmp(on_error)) return false;
    step();
    return true;
  }
};

[[noreturn]] void give_up(j_common_ptr info) {
  auto* self = static_cast<Jpeg*>(info->client_data);
  info->err->format_message(info, self->message);
  std::longjmp(self->on_error, 1);
}

// libjpeg fills in grey and goes on where data is missing or wrong. Only oddities that leave every pixel as
// it was meant are let pass.
void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  const bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM;
  if (level < 0 && !harmless) give_up(info);
}

// A small file may ask for the whole picture to be gone through again and again.
void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  auto* self = static_cast<Jpeg*>(info->client_data);
  std::snprintf(self->message, sizeof(self->message), "more than %d scans", kMaxScans);
  std::longjmp(self->on_error, 1);
}

Jpeg::Jpeg() {
  info.err = jpeg_std_error(&errors);
  info.client_data = this;
  errors.error_exit = give_up;
  errors.emit_message = on_message;
  progress.progress_monitor = on_progress;
  guarded([&] { jpeg_create_decompress(&info); });
  info.progress = &progress;
}

void read_header(Jpeg& jpeg, std::span<const std::byte> file, int64_t max_pixels) {
  constexpr long kBytesPerPixel = 8, kTables = 1 << 24;  // four 16-bit coefficients
  jpeg.info.mem->max_memory_to_use = kTables + kBytesPerPixel * max_pixels;
  jpeg.guarded([&] {
    jpeg_mem_src(&jpeg.info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
    jpeg_read_header(&jpeg.info, TRUE);
  });
  const int64_t height = jpeg.info.image_height, width = jpeg.info.image_width;
  check(height * width <= max_pixels, "a picture of {}x{} pixels (at most {} are read)", height, width,
        max_pixels);
  check(height * width <= kMaxPixelsPerByte * static_cast<int64_t>(file.size()),
        "damaged JPEG: {} bytes cannot hold {}x{} pixels", file.size(), height, width);
  check(jpeg.info.out_color_space != JCS_UNKNOWN, "a JPEG of {} channels (1, 3 and CMYK are supported)",
        jpeg.info.num_components);
}

void read_rows(Jpeg& jpeg, std::byte* pixels) {
  jpeg.guarded([&] {
    const size_t row_bytes = size_t{jpeg.info.output_width} * jpeg.info.output_components;
    while (jpeg.info.output_scanline < jpeg.info.output_height) {
      auto* row = reinterpret_cast<JSAMPROW>(pixels + jpeg.info.output_scanline * row_bytes);
      jpeg_read_scanlines(&jpeg.info, &row, 1);
    }
    jpeg_finish_decompress(&jpeg.info);
  });
}

// Adobe's programs store the complement of each ink.
std::vector<std::byte> from_cmyk(const std::vector<std::byte>& inks, bool complement) {
  const auto light = [&](std::byte ink) {
    return complement ? std::to_integer<int>(ink) : 255 - std::to_integer<int>(ink);
  };
  std::vector<std::byte> rgb(inks.size() / 4 * 3);
  for (size_t i = 0; i < rgb.size(); ++i) {
    const size_t pixel = i / 3 * 4;
    rgb[i] = static_cast<std::byte>((light(inks[pixel + i % 3]) * light(inks[pixel + 3]) + 127) / 255);
  }
  return rgb;
}

}  // namespace

Array read_jpeg(const Bytes& file, int64_t max_pixels) {
  Jpeg jpeg;
  read_header(jpeg, file.span(), max_pixels);
  jpeg.guarded([&] { jpeg_start_decompress(&jpeg.info); });
  const int64_t height = jpeg.info.output_height, width = jpeg.info.output_width;
  int channels = jpeg.info.output_components;
  std::vector<std::byte> pixels(height * width * channels);
  read_rows(jpeg, pixels.data());
  if (channels == 4) {
    pixels = from_cmyk(pixels, jpeg.info.saw_Adobe_marker);
    channels = 3;
  }
  return {Type::u8, {height, width, channels}, Bytes::own(std::move(pixels))};
}

}  // namespace teff
