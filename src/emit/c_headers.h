// The headers of kernels/c, which the program carries as text: what they declare, and in which file. Whoever
// prints a kernel's parameters has to know their names, which the compiler has forgotten.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teff {

struct EmbeddedText {
  std::string_view name;  // "base.h"
  std::string_view text;
};

struct CField {
  std::string type;  // "int32_t", or a struct's name
  std::string name;
  int elements = 1;
  bool is_array = false;
};

struct CStruct {
  std::vector<CField> fields;
  size_t bytes = 0, alignment = 1;
};

class CHeaders {
 public:
  explicit CHeaders(const std::vector<EmbeddedText>& headers);
  static const CHeaders& kernels();  // those of kernels/c

  // Null: there is no struct of that name.
  const CStruct* find_struct(std::string_view name) const;
  // Size and alignment of a struct or of a number's type. Throws Error for an unknown one.
  size_t bytes_of(std::string_view type) const;
  size_t alignment_of(std::string_view type) const;
  // The header that defines teff_NAME; empty: none does.
  std::string_view header_of_kernel(std::string_view name) const;
  std::string_view header_of_struct(std::string_view name) const;
  // What the header calls the kernel's parameters: "p", "x", "w", ..., "r".
  const std::vector<std::string>& parameters_of_kernel(std::string_view name) const;
  // The header and all that it includes, those that are included first.
  std::vector<std::string> with_includes(const std::vector<std::string>& headers) const;
  std::string_view text(std::string_view header) const;
  // A checksum of all headers: what was measured with other kernels is of no use.
  uint32_t version() const;

 private:
  void read(const std::string& header);
  std::optional<int> number_of(const std::string& expression) const;
  void read_directive(const std::string& header, const std::string& line);
  void find_functions(const std::string& header, const std::string& text, int depth);
  void find_structs(const std::string& header, const std::string& text);

  struct Macro {
    std::vector<std::string> parameters;
    std::string body;
  };
  std::map<std::string, std::string_view, std::less<>> texts_;
  std::map<std::string, std::vector<std::string>, std::less<>> includes_;
  std::map<std::string, Macro, std::less<>> macros_;
  std::map<std::string, int, std::less<>> numbers_;
  std::map<std::string, CStruct, std::less<>> structs_;
  struct Function {
    std::string header;
    std::vector<std::string> parameters;
  };
  std::map<std::string, Function, std::less<>> functions_;
  std::map<std::string, std::string, std::less<>> struct_headers_;
};

}  // namespace teff
