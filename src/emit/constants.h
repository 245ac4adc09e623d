// The constants of a program as C arrays: each once, named after who reads it first.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "emit/c_headers.h"

namespace teff {

class ConstantPool {
 public:
  ConstantPool(const CHeaders& headers, std::string prefix) : headers_(headers), prefix_(std::move(prefix)) {}

  // An expression of type `const type*` for these bytes ("void" is any). `name` is what they are called
  // unless they are there already. The bytes must live as long as the pool.
  std::string pointer(const Bytes& bytes, std::string_view type, const std::string& name, size_t alignment);

  int64_t bytes() const;
  std::string declarations() const;  // for the header
  std::string definitions() const;
  std::vector<std::string> struct_types() const;  // that elements have

 private:
  struct Constant {
    const Bytes* bytes;
    std::string type, name;
    size_t alignment;
  };
  std::string definition(const Constant& constant) const;
  int64_t elements_of(const Constant& constant) const;

  const CHeaders& headers_;
  std::string prefix_;
  std::vector<Constant> constants_;
  std::multimap<uint32_t, size_t> by_checksum_;
  std::map<std::string, int> names_;
};

}  // namespace teff
