// The parameter struct of a step's kernel; P has to be the one that the kernel takes.
#pragma once

#include "plan/plan.h"

namespace teff {

template <class P>
const P& params_of(const Step& step) {
  return *reinterpret_cast<const P*>(step.params.words.data());
}
template <class P>
P& params_of(Step& step) {
  return *reinterpret_cast<P*>(step.params.words.data());
}

}  // namespace teff
