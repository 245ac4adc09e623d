#include "graph/op_table.h"

namespace teff {
namespace {

const OpRow kTable[] = {
#define OP(name, ...) {#name, __VA_ARGS__},
#include "graph/op_table.inc"
#undef OP
};

// Operators of one struct are told apart by its kind, where it has one.
int kind_of(const Op& op) {
  return std::visit(
      [](const auto& o) {
        if constexpr (requires { o.kind; })
          return static_cast<int>(o.kind);
        else
          return 0;
      },
      op);
}

}  // namespace

std::span<const OpRow> op_table() { return kTable; }

const OpRow* find_op(std::string_view name) {
  for (const OpRow& row : kTable)
    if (row.name == name) return &row;
  return nullptr;
}

std::string_view op_name(const Op& op) {
  for (const OpRow& row : kTable)
    if (row.prototype.index() == op.index() && kind_of(row.prototype) == kind_of(op)) return row.name;
  return "?";
}

}  // namespace teff
