// The one error type. Everything that a user can cause (a bad file, an unsupported operator, a wrong shape)
// is thrown as an Error whose message says where it is and what would help; mistakes of the programmer are
// asserts. Kernels never throw, and the C API turns an Error into a status at its border.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace teff {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}

  // The same error seen from further out: `place` ("model.tflite", "node 3 CONV_2D") is put in front.
  Error at(const std::string& place) const { return Error(place + ": " + what()); }
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void check(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw Error(fmt::format(format, std::forward<Args>(args)...));
}

// Runs `body`; an Error that leaves it names `place` first.
template <class Body>
decltype(auto) with_place(const std::string& place, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    throw error.at(place);
  }
}

}  // namespace teff
