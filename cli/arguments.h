// The command line of one sub-command: declared as a table, parsed, and printed as its help.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace teff::cli {

// Wrong usage: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Option {
  std::string_view name;   // "--threads"
  std::string_view value;  // what it takes, for the help: "N"; empty: it is a switch
  std::string_view help;
};

struct CommandSpec {
  std::string_view name;
  std::string_view operands;  // "MODEL"
  std::string_view summary;   // one line
  std::vector<Option> options;
  std::string_view details;  // after the options in the help
  size_t least_operands = 1, most_operands = 1;
};

class Arguments {
 public:
  // Throws UsageError naming the option that is unknown, lacks its value, or the operand that is missing.
  Arguments(const CommandSpec& spec, std::span<const char* const> words);

  bool help() const { return help_; }
  const std::string& operand(size_t i) const { return operands_.at(i); }
  const std::vector<std::string>& operands() const { return operands_; }
  bool has(std::string_view option) const;
  std::optional<std::string> value(std::string_view option) const;  // the last one given
  std::vector<std::string> values(std::string_view option) const;   // all, in order
  // A whole number in [least, most], or `otherwise` where the option is not given.
  int64_t number(std::string_view option, int64_t otherwise, int64_t least, int64_t most) const;
  // Any number: "0.5".
  double real(std::string_view option, double otherwise, double least, double most) const;

 private:
  struct Given {
    std::string name, value;
  };
  std::vector<Given> given_;
  std::vector<std::string> operands_;
  bool help_ = false;
};

std::string help_text(const CommandSpec& spec);

// "1x16000" or "1,16000"; "scalar" or "" is none. Throws UsageError.
std::vector<int64_t> parse_shape(const std::string& text);

}  // namespace teff::cli
