#include "formats/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "formats/cursor.h"

namespace teff {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are kept as they lie in memory");

constexpr std::string_view kMagic = "\x93NUMPY";

// The letter and the bytes by which a dtype string names a type: "<f4" is kind 'f' in 4 bytes.
struct Kind {
  Type type;
  char letter;
  int bytes;
};
constexpr Kind kKinds[] = {{Type::f32, 'f', 4},    {Type::f16, 'f', 2}, {Type::bf16, 'V', 2},
                           {Type::f64, 'f', 8},    {Type::s8, 'i', 1},  {Type::u8, 'u', 1},
                           {Type::s16, 'i', 2},    {Type::u16, 'u', 2}, {Type::s32, 'i', 4},
                           {Type::u32, 'u', 4},    {Type::s64, 'i', 8}, {Type::u64, 'u', 8},
                           {Type::boolean, 'b', 1}};

struct Header {
  Type type = Type::u8;
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
  size_t data_begin = 0;
};

// Reads the one Python literal that a header is: a dict of strings, booleans and a tuple of integers.
class Literal {
 public:
  explicit Literal(std::string_view text) : text_(text) {}

  bool accept(std::string_view token) {
    skip_space();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    check(accept(token), "'{}' is missing at byte {} of the header", token, at_);
  }
  void expect_end() {
    skip_space();
    check(at_ == text_.size(), "something follows the dictionary at byte {} of the header", at_);
  }

  std::string_view string() {
    const char quote = accept("'") ? '\'' : '"';
    if (quote == '"') expect("\"");
    const size_t end = text_.find(quote, at_);
    check(end != text_.npos, "a string at byte {} of the header does not end", at_);
    const std::string_view value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }

  bool boolean() {
    if (accept("True")) return true;
    expect("False");
    return false;
  }

  int64_t integer() {
    skip_space();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    check(error == std::errc(), "a dimension at byte {} of the header is not a 64-bit integer", at_);
    at_ = end - text_.data();
    accept("L");  // Python 2 marked long integers so
    return value;
  }

  Shape tuple() {
    std::vector<int64_t> extents;
    expect("(");
    while (!accept(")")) {
      // Checked here as well: a header may claim millions of dimensions.
      check(extents.size() < kMaxRank, "more than {} dimensions, which is the most that is supported",
            kMaxRank);
      extents.push_back(integer());
      if (!accept(",")) {
        expect(")");
        break;
      }
    }
    return Shape::checked(extents);
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  size_t at_ = 0;
};

void set_type(Header& header, std::string_view descr) {
  const auto refuse = [&] {
    fail("elements of dtype '{}' are not supported (only booleans, integers and floats up to 64 bits)",
         printable(descr));
  };
  if (descr.size() != 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) refuse();
  for (const Kind& kind : kKinds) {
    if (kind.letter != descr[1] || kind.bytes != descr[2] - '0') continue;
    header.type = kind.type;
    header.big_endian = descr[0] == '>';
    return;
  }
  refuse();
}

void read_member(Literal& text, Header& header, std::string_view key) {
  if (key == "descr") {
    check(!text.accept("["), "a structured array, with named fields; save each field as an array of its own");
    set_type(header, text.string());
  } else if (key == "fortran_order") {
    header.fortran_order = text.boolean();
  } else {
    header.shape = text.tuple();
  }
}

Header parse(std::string_view dictionary) {
  constexpr std::array<std::string_view, 3> kKeys = {"descr", "fortran_order", "shape"};
  std::array<bool, kKeys.size()> seen{};
  Header header;
  Literal text(dictionary);
  text.expect("{");
  while (!text.accept("}")) {
    const std::string_view key = text.string();
    const size_t index = std::find(kKeys.begin(), kKeys.end(), key) - kKeys.begin();
    check(index < kKeys.size(), "an unknown key '{}' in the header", printable(key));
    check(!seen[index], "the key '{}' twice in the header", key);
    seen[index] = true;
    text.expect(":");
    read_member(text, header, key);
    if (!text.accept(",")) {
      text.expect("}");
      break;
    }
  }
  text.expect_end();
  for (size_t i = 0; i < kKeys.size(); ++i) check(seen[i], "no key '{}' in the header", kKeys[i]);
  return header;
}

Header read_header(std::string_view file) {
  check(file.substr(0, kMagic.size()) == kMagic, "not a .npy file (it does not start with \\x93NUMPY)");
  check(file.size() > kMagic.size() + 2, "the .npy file ends inside its header");
  const int version = static_cast<uint8_t>(file[kMagic.size()]);
  check(version >= 1 && version <= 3, "version {} of the .npy format (1, 2 and 3 are supported)", version);
  const size_t length_begin = kMagic.size() + 2, length_bytes = version == 1 ? 2 : 4;
  const size_t begin = length_begin + length_bytes;
  check(file.size() >= begin, "the .npy file ends inside its header");
  uint32_t length = 0;
  std::memcpy(&length, file.data() + length_begin, length_bytes);
  check(length <= file.size() - begin, "the .npy header claims {} bytes and the file has {} more", length,
        file.size() - begin);
  Header header = parse(file.substr(begin, length));
  header.data_begin = begin + length;
  return header;
}

// Writes the elements below one index of the axes before `axis` in C order.
struct FortranToC {
  const Shape& shape;
  size_t element;
  std::array<int64_t, kMaxRank> strides{};  // of the source, in bytes
  std::byte* to;

  void copy(const std::byte* from, int axis) {
    if (axis == shape.rank() || axis == kMaxRank) {  // the second tells the compiler where recursion ends
      std::memcpy(to, from, element);
      to += element;
      return;
    }
    for (int64_t i = 0; i < shape[axis]; ++i) copy(from + i * strides[axis], axis + 1);
  }
};

std::vector<std::byte> in_c_order(std::span<const std::byte> data, const Shape& shape, size_t element) {
  std::vector<std::byte> out(data.size());
  if (out.empty()) return out;
  FortranToC walk{shape, element, {}, out.data()};
  for (int axis = 0; axis < shape.rank(); ++axis) walk.strides[axis] = shape.product(0, axis) * element;
  walk.copy(data.data(), 0);
  return out;
}

void reverse_each(std::span<std::byte> data, size_t element) {
  for (size_t i = 0; i < data.size(); i += element)
    std::reverse(data.begin() + i, data.begin() + i + element);
}

// A byte other than 0 and 1 is true for NumPy, and not a bool for C++.
void make_boolean(std::span<std::byte> data) {
  for (std::byte& b : data) b = b == std::byte{0} ? b : std::byte{1};
}

bool usable_as_is(const Header& header, std::span<const std::byte> data, size_t element) {
  const bool order = !header.fortran_order || header.shape.rank() < 2;
  const bool aligned = reinterpret_cast<uintptr_t>(data.data()) % element == 0;
  const bool valid = header.type != Type::boolean ||
                     std::all_of(data.begin(), data.end(), [](std::byte b) { return b <= std::byte{1}; });
  return order && aligned && valid && !header.big_endian;
}

Bytes converted(const Header& header, std::span<const std::byte> data, size_t element) {
  std::vector<std::byte> out = header.fortran_order ? in_c_order(data, header.shape, element)
                                                    : std::vector<std::byte>(data.begin(), data.end());
  if (header.big_endian) reverse_each(out, element);
  if (header.type == Type::boolean) make_boolean(out);
  return Bytes::own(std::move(out));
}

std::string dtype_of(Type type) {
  for (const Kind& kind : kKinds)
    if (kind.type == type) return fmt::format("{}{}{}", kind.bytes == 1 ? '|' : '<', kind.letter, kind.bytes);
  fail("a tensor of type {} cannot be written as .npy", name_of(type));
}

std::string shape_tuple(const Shape& shape) {
  return fmt::format("({}{})", fmt::join(shape.begin(), shape.end(), ", "), shape.rank() == 1 ? "," : "");
}

// The dictionary, padded so that the data begins at a multiple of 64.
std::string header_for(Type type, const Shape& shape) {
  constexpr size_t kDigits = 21;  // NumPy leaves room for the first extent to grow in place
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", dtype_of(type),
                                 shape_tuple(shape));
  if (shape.rank() > 0) text.append(kDigits - std::to_string(shape[0]).size(), ' ');
  const size_t begin = kMagic.size() + 4, end = (begin + text.size() + 1 + 63) / 64 * 64;
  text.append(end - begin - text.size() - 1, ' ');
  return text + '\n';
}

std::vector<std::byte> nibbles_to_bytes(const View& array) {
  const bool is_signed = array.type == Type::s4;
  std::vector<std::byte> out(array.shape.elements());
  for (size_t i = 0; i < out.size(); ++i) {
    const int nibble = std::to_integer<int>(array.bytes[i / 2]) >> (i % 2 * 4) & 15;
    out[i] = static_cast<std::byte>(is_signed ? (nibble ^ 8) - 8 : nibble);
  }
  return out;
}

}  // namespace

Array read_npy(const Bytes& file) {
  const auto bytes = file.span();
  const Header header = read_header({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto rest = bytes.subspan(header.data_begin);
  const size_t element = bits_of(header.type) / 8;
  const size_t elements = header.shape.elements();
  check(elements == rest.size() / element && rest.size() % element == 0,
        "the header claims {} of {} ({} bytes each), and {} bytes of data follow it", to_string(header.shape),
        name_of(header.type), element, rest.size());
  if (!usable_as_is(header, rest, element))
    return {header.type, header.shape, converted(header, rest, element)};
  return {header.type, header.shape, Bytes(std::make_shared<const Bytes>(file), rest)};
}

std::vector<std::byte> npy_bytes(const View& array) {
  assert(static_cast<int64_t>(array.bytes.size()) == bytes_for(array.type, array.shape.elements()));
  if (bits_of(array.type) == 4) {
    const std::vector<std::byte> bytes = nibbles_to_bytes(array);
    return npy_bytes({array.type == Type::s4 ? Type::s8 : Type::u8, array.shape, bytes});
  }
  const std::string header = header_for(array.type, array.shape);
  const auto length = static_cast<uint16_t>(header.size());
  const std::string front = fmt::format("{}\x01{}{}{}{}", kMagic, '\0', static_cast<char>(length & 255),
                                        static_cast<char>(length >> 8), header);
  std::vector<std::byte> out(front.size() + array.bytes.size());
  std::memcpy(out.data(), front.data(), front.size());
  if (!array.bytes.empty()) std::memcpy(out.data() + front.size(), array.bytes.data(), array.bytes.size());
  return out;
}

}  // namespace teff
