// The kernel calls of a program, gathered into C functions: calls of one kernel that agree in what its code
// depends on share one. Those fields in which they all agree are literals in it, which the compiler folds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emit/c_values.h"
#include "emit/constants.h"
#include "emit/emit.h"

namespace teff {

// One kernel step of a plan.
struct KernelCall {
  int plan = 0, step = 0;
  const KernelRow* kernel = nullptr;
  std::vector<CValue> values;  // of its parameters
  std::vector<bool> null;      // operands left out
  int32_t units = 0;
  bool in_turns = false;  // called for parts of its units
  int64_t macs = 0;       // of its node
  double gain = 0;        // instructions, by code of its own
  std::string code;       // whose code it is, and why
  int group = -1;
};

struct CallGroup {
  const KernelRow* kernel = nullptr;
  std::string name;             // of the function
  std::vector<size_t> calls;    // indices
  std::vector<size_t> varying;  // values that are not the same in all calls
  // Those of them that follow from others in all calls: "p.window.in_w * p.window.channels"; by value, the
  // number of units under values.size().
  std::map<size_t, std::string> derived;
  bool units_vary = false, in_turns = false;
  bool has_shape() const { return !varying.empty() || units_vary; }  // of those that are not derived
};

class Calls {
 public:
  Calls(const Program& program, const CHeaders& headers, const EmitOptions& options);

  const std::vector<CallGroup>& groups() const { return groups_; }
  const KernelCall* find(int plan, int step) const;
  bool has_own_code(const KernelCall& call) const;  // see EmittedLayer
  int helium_scalings() const;  // a bit for every teff_scaling that a layer of a Helium kernel has

  std::string functions() const;                            // of all groups
  std::string shape_literal(const KernelCall& call) const;  // empty where the group has none
  // "conv2d_s8_1(&layer_3, x, w)" with the operands' expressions.
  std::string call(const KernelCall& call, const std::string& shape, const std::vector<std::string>& operands,
                   const std::string& range) const;

 private:
  void gather(const EmitOptions& options);
  std::vector<std::string> keys(const EmitOptions& options);
  struct Copies;
  void explain(const Copies& copies, const std::vector<std::string>& keys, const EmitOptions& options);
  double rank(const KernelCall& call) const;
  void add_shifts(int64_t code_budget, std::vector<std::string>& keys);
  void find_what_varies(CallGroup& group) const;
  std::optional<std::string> derivation(const CallGroup& group, size_t value) const;
  int64_t number(size_t call, size_t value) const;
  int64_t unit_of(const CallGroup& group, size_t value) const;
  std::string key_of(const KernelCall& call, EmitFor optimize) const;
  std::string shape_struct(const CallGroup& group) const;
  std::string known_values(const CallGroup& group) const;
  std::string function(const CallGroup& group) const;
  std::string member_of(const CallGroup& group, size_t value) const;

  const CHeaders& headers_;
  std::vector<KernelCall> calls_;
  std::vector<CallGroup> groups_;
};

}  // namespace teff
