#include "emit/constants.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/crc32.h"
#include "emit/c_text.h"
#include "emit/c_values.h"

namespace teff {
namespace {

constexpr size_t kLineWidth = 108;

}  // namespace

std::string ConstantPool::pointer(const Bytes& bytes, std::string_view type, const std::string& name,
                                  size_t alignment) {
  const std::string element = type == "void" ? "uint8_t" : std::string(type);
  const uint32_t sum = crc32(bytes.span());
  const auto [first, last] = by_checksum_.equal_range(sum);
  for (auto it = first; it != last; ++it) {
    Constant& known = constants_[it->second];
    if (!std::ranges::equal(known.bytes->span(), bytes.span())) continue;
    known.alignment = std::max(known.alignment, alignment);
    return known.type == element || type == "void" ? known.name
                                                   : fmt::format("(const {}*){}", type, known.name);
  }
  std::string full = prefix_ + "_" + name;
  if (const int count = names_[full]++; count > 0) full += fmt::format("_{}", count + 1);
  by_checksum_.emplace(sum, constants_.size());
  // An array of bytes that others take for something wider is aligned for all of them.
  constants_.push_back({&bytes, element, full, std::max<size_t>(alignment, 4)});
  return full;
}

int64_t ConstantPool::elements_of(const Constant& constant) const {
  return static_cast<int64_t>(constant.bytes->size() / headers_.bytes_of(constant.type));
}

int64_t ConstantPool::bytes() const {
  int64_t sum = 0;
  for (const Constant& constant : constants_) sum += static_cast<int64_t>(constant.bytes->size());
  return sum;
}

std::vector<std::string> ConstantPool::struct_types() const {
  std::vector<std::string> types;
  for (const Constant& constant : constants_)
    if (headers_.find_struct(constant.type) && std::ranges::find(types, constant.type) == types.end())
      types.push_back(constant.type);
  return types;
}

std::string ConstantPool::declarations() const {
  std::string text;
  for (const Constant& c : constants_)
    text += fmt::format("extern const {} {}[{}];\n", c.type, c.name, std::max<int64_t>(elements_of(c), 1));
  return text;
}

std::string ConstantPool::definition(const Constant& c) const {
  const size_t element = headers_.bytes_of(c.type);
  // (An array of nothing is not C.)
  std::string text = fmt::format("\nconst {} {}[{}] __attribute__((aligned({}))) = {{", c.type, c.name,
                                 std::max<int64_t>(elements_of(c), 1), c.alignment);
  std::string line = "\n   ";
  if (elements_of(c) == 0) line += headers_.find_struct(c.type) ? " {0}" : " 0";
  for (int64_t i = 0; i < elements_of(c); ++i) {
    const std::string value =
        fmt::format(" {},", c_literal(headers_, c.type, c.bytes->data() + static_cast<size_t>(i) * element));
    if (line.size() + value.size() > kLineWidth) text += line, line = "\n   ";
    line += value;
  }
  return text + line + "\n};\n";
}

std::string ConstantPool::definitions() const {
  std::string text;
  for (const Constant& constant : constants_) text += definition(constant);
  return text;
}

}  // namespace teff
