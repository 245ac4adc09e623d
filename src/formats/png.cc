#include <png.h>

#include <cassert>
#include <cstring>
#include <string>

#include "core/error.h"
#include "formats/image.h"

namespace teff {
namespace {

constexpr int64_t kMaxRatio = 1032;  // of deflate

// libpng reports errors by longjmp, which must not pass over anything with a destructor: all that has one
// lives in functions that do not call libpng except through guarded().
struct Png {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::span<const std::byte> rest;
  char message[128] = "no memory";

  explicit Png(std::span<const std::byte> file);
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;
  ~Png() { png_destroy_read_struct(&png, &info, nullptr); }

  // Runs `step`, which calls libpng and has nothing to destroy.
  template <class Step>
  void guarded(const Step& step) {
    check(png && info && runs(step), "damaged PNG: {}", std::string(message));
  }

 private:
  template <class Step>
  bool runs(const Step& step) {
    if (setjmp(png_jmpbuf(png))) return false;
    step();
    return true;
  }
};

void give_up(png_structp png, png_const_charp message) {
  auto* self = static_cast<Png*>(png_get_error_ptr(png));
  std::strncpy(self->message, message, sizeof(self->message) - 1);
  png_longjmp(png, 1);
}

void ignore(png_structp, png_const_charp) {}

void next_bytes(png_structp png, png_bytep to, size_t count) {
  auto* self = static_cast<Png*>(png_get_io_ptr(png));
  if (count > self->rest.size()) png_error(png, "the file ends early");
  std::memcpy(to, self->rest.data(), count);
  self->rest = self->rest.subspan(count);
}

Png::Png(std::span<const std::byte> file) : rest(file) {
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, give_up, ignore);
  if (png) info = png_create_info_struct(png);
}

struct PngHeader {
  int64_t height, width, row_bytes;
};

PngHeader read_header(Png& file) {
  PngHeader header{};
  file.guarded([&] {
    png_set_read_fn(file.png, &file, next_bytes);
    // Texts, profiles and gamma are no part of the samples.
    png_set_keep_unknown_chunks(file.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(file.png, file.info);
    header.height = png_get_image_height(file.png, file.info);
    header.width = png_get_image_width(file.png, file.info);
    header.row_bytes = png_get_rowbytes(file.png, file.info);
  });
  return header;
}

// Asks for 8 bits, no palette and no transparency; returns the channels that are left.
int set_form(Png& file) {
  int channels = 0;
  file.guarded([&] {
    png_set_expand(file.png);
    png_set_strip_16(file.png);
    png_set_strip_alpha(file.png);
    png_set_interlace_handling(file.png);
    png_read_update_info(file.png, file.info);
    channels = png_get_channels(file.png, file.info);
  });
  return channels;
}

}  // namespace

Array read_png(const Bytes& file, int64_t max_pixels) {
  Png png(file.span());
  const PngHeader header = read_header(png);
  check(header.height * header.width <= max_pixels, "a picture of {}x{} pixels (at most {} are read)",
        header.height, header.width, max_pixels);
  check(header.height * header.row_bytes <= kMaxRatio * static_cast<int64_t>(file.size()),
        "damaged PNG: {} bytes cannot hold {}x{} pixels", file.size(), header.height, header.width);
  const int channels = set_form(png);
  const Shape shape = {header.height, header.width, channels};
  std::vector<std::byte> pixels(shape.elements());
  std::vector<png_bytep> rows(header.height);
  for (size_t y = 0; y < rows.size(); ++y)
    rows[y] = reinterpret_cast<png_bytep>(pixels.data()) + y * header.width * channels;
  png.guarded([&] {
    png_read_image(png.png, rows.data());
    png_read_end(png.png, nullptr);
  });
  return {Type::u8, shape, Bytes::own(std::move(pixels))};
}

std::vector<std::byte> png_bytes(const Array& picture) {
  assert(picture.type == Type::u8 && picture.shape.rank() == 3 && picture.shape.elements() > 0);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(picture.shape[0]);
  image.width = static_cast<png_uint_32>(picture.shape[1]);
  image.format = picture.shape[2] == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> out(size);
  const int written =
      png_image_write_to_memory(&image, out.data(), &size, 0, picture.data.data(), 0, nullptr);
  check(written, "the picture of {} cannot be written as PNG: {}", to_string(picture.shape), image.message);
  out.resize(size);
  return out;
}

}  // namespace teff
