// For tests only: what an action has to complain about.
#pragma once

#include <string>

#include "core/error.h"

namespace teff {

// The message of the Error that leaves `action`; "no error" where none does.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace teff
