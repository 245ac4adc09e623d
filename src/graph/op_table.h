// Which operators there are, by name.
#pragma once

#include <span>
#include <string_view>

#include "graph/ops.h"

namespace teff {

struct OpRow {
  std::string_view name;
  Op prototype;
};

std::span<const OpRow> op_table();
const OpRow* find_op(std::string_view name);  // null: there is none of that name

}  // namespace teff
