#include "core/types.h"

#include <iterator>

namespace teff {
namespace {

struct Row {
  Type type;
  int bits;
  std::string_view name;
};

constexpr Row kTypes[] = {
    {Type::f32, 32, "float32"},  {Type::f16, 16, "float16"},      {Type::bf16, 16, "bfloat16"},
    {Type::f64, 64, "float64"},  {Type::s4, 4, "int4"},           {Type::u4, 4, "uint4"},
    {Type::s8, 8, "int8"},       {Type::u8, 8, "uint8"},          {Type::s16, 16, "int16"},
    {Type::u16, 16, "uint16"},   {Type::s32, 32, "int32"},        {Type::u32, 32, "uint32"},
    {Type::s64, 64, "int64"},    {Type::u64, 64, "uint64"},       {Type::boolean, 8, "bool"},
    {Type::string, 0, "string"}, {Type::resource, 0, "resource"},
};

constexpr bool rows_follow_the_enum() {
  for (size_t i = 0; i < std::size(kTypes); ++i)
    if (kTypes[i].type != static_cast<Type>(i)) return false;
  return true;
}
static_assert(rows_follow_the_enum());

}  // namespace

int bits_of(Type type) { return kTypes[static_cast<size_t>(type)].bits; }

std::string_view name_of(Type type) { return kTypes[static_cast<size_t>(type)].name; }

std::optional<Type> type_named(std::string_view name) {
  for (const Row& row : kTypes)
    if (row.name == name) return row.type;
  return std::nullopt;
}

}  // namespace teff
