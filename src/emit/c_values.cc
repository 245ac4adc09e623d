#include "emit/c_values.h"

#include <fmt/format.h>

#include "emit/c_text.h"

namespace teff {
namespace {

size_t aligned(size_t offset, size_t alignment) { return (offset + alignment - 1) / alignment * alignment; }

void add_values(const CHeaders& headers, std::string_view type, const std::byte* bytes,
                const std::string& path, std::vector<CValue>& values) {
  const CStruct* fields = headers.find_struct(type);
  if (!fields) {
    values.push_back({path, type, c_number(type, bytes)});
    return;
  }
  size_t offset = 0;
  for (const CField& field : fields->fields) {
    offset = aligned(offset, headers.alignment_of(field.type));
    const std::string name = path.empty() ? field.name : path + "." + field.name;
    for (int i = 0; i < field.elements; ++i) {
      add_values(headers, field.type, bytes + offset, field.is_array ? fmt::format("{}[{}]", name, i) : name,
                 values);
      offset += headers.bytes_of(field.type);
    }
  }
}

}  // namespace

std::vector<CValue> c_values(const CHeaders& headers, std::string_view type, const std::byte* bytes) {
  std::vector<CValue> values;
  add_values(headers, type, bytes, "", values);
  return values;
}

std::string c_literal(const CHeaders& headers, std::string_view type, const std::byte* bytes) {
  const CStruct* fields = headers.find_struct(type);
  if (!fields) return c_number(type, bytes);
  std::string text;
  size_t offset = 0;
  for (const CField& field : fields->fields) {
    offset = aligned(offset, headers.alignment_of(field.type));
    std::string elements;
    for (int i = 0; i < field.elements; ++i, offset += headers.bytes_of(field.type))
      elements += (i == 0 ? "" : ", ") + c_literal(headers, field.type, bytes + offset);
    text += (text.empty() ? "" : ", ") + (field.is_array ? "{" + elements + "}" : elements);
  }
  return "{" + text + "}";
}

}  // namespace teff
