#include "plan/reorder.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>

namespace teff {
namespace {

// By step: those that have to run before.
std::vector<std::vector<int>> dependencies(const Work& work) {
  struct Uses {
    std::vector<int> readers, writers;
  };
  std::vector<Uses> uses(work.tensors.size());
  std::vector<std::vector<int>> result(work.steps.size());
  for (size_t s = 0; s < work.steps.size(); ++s) {
    std::vector<int>& before = result[s];
    const auto after = [&](const std::vector<int>& steps) {
      before.insert(before.end(), steps.begin(), steps.end());
    };
    for (const WorkRead& read : work.steps[s].reads) after(uses[static_cast<size_t>(read.tensor)].writers);
    for (const WorkWrite& write : work.steps[s].writes) {
      after(uses[static_cast<size_t>(write.tensor)].writers);
      after(uses[static_cast<size_t>(write.tensor)].readers);
    }
    for (const WorkRead& read : work.steps[s].reads)
      uses[static_cast<size_t>(read.tensor)].readers.push_back(static_cast<int>(s));
    for (const WorkWrite& write : work.steps[s].writes)
      uses[static_cast<size_t>(write.tensor)].writers.push_back(static_cast<int>(s));
    std::erase(before, static_cast<int>(s));
  }
  return result;
}

// Steps that have been done. What is needed then does not depend on their order.
using Done = std::vector<bool>;

struct State {
  Done done;
  int64_t peak = 0;   // so far
  int64_t bytes = 0;  // needed now
  int steps = 0;
  int from = -1, step = -1;  // the state before, and what was done there
};

class Search {
 public:
  Search(const Work& work, PeakOf peak, int most_states)
      : work_(work),
        peak_(peak),
        most_states_(most_states),
        before_(dependencies(work)),
        users_(work.tensors.size()) {
    for (size_t s = 0; s < work.steps.size(); ++s)
      for (size_t t : tensors_of(static_cast<int>(s))) users_[t].push_back(static_cast<int>(s));
  }

  // Always from the state with the least peak; of those with the same, from the one that is furthest, so that
  // a chain is walked through without looking around. Empty: given up.
  std::vector<int> find() {
    State start{.done = Done(work_.steps.size())};
    for (const WorkTensor& tensor : work_.tensors) start.bytes += tensor.input ? tensor.bytes : 0;
    start.peak = start.bytes;
    push(std::move(start));
    while (!open_.empty()) {
      const int at = open_.top();
      open_.pop();
      if (states_[static_cast<size_t>(at)].steps == static_cast<int>(work_.steps.size())) return path_to(at);
      if (static_cast<int>(states_.size()) > most_states_) return {};
      for (int s = 0; s < static_cast<int>(work_.steps.size()); ++s)
        if (is_ready(states_[static_cast<size_t>(at)].done, s)) push(after(at, s));
    }
    return {};
  }

 private:
  // Each once.
  std::vector<size_t> tensors_of(int step) const {
    std::vector<size_t> tensors;
    for (const WorkRead& r : work_.steps[static_cast<size_t>(step)].reads)
      tensors.push_back(static_cast<size_t>(r.tensor));
    for (const WorkWrite& w : work_.steps[static_cast<size_t>(step)].writes)
      tensors.push_back(static_cast<size_t>(w.tensor));
    std::sort(tensors.begin(), tensors.end());
    tensors.erase(std::unique(tensors.begin(), tensors.end()), tensors.end());
    return tensors;
  }

  bool is_ready(const Done& done, int step) const {
    return !done[static_cast<size_t>(step)] &&
           std::ranges::all_of(before_[static_cast<size_t>(step)],
                               [&](int s) { return static_cast<bool>(done[static_cast<size_t>(s)]); });
  }

  State after(int from, int step) const {
    const State& state = states_[static_cast<size_t>(from)];
    State next{.done = state.done, .steps = state.steps + 1, .from = from, .step = step};
    int64_t made = 0, ended = 0;
    next.done[static_cast<size_t>(step)] = true;
    for (size_t t : tensors_of(step)) {
      const auto is_done = [&](int user) { return static_cast<bool>(next.done[static_cast<size_t>(user)]); };
      const auto was_done = [&](int user) { return user != step && is_done(user); };
      const bool existed = work_.tensors[t].input || std::ranges::any_of(users_[t], was_done);
      if (!existed) made += work_.tensors[t].bytes;
      if (!work_.tensors[t].output && std::ranges::all_of(users_[t], is_done))
        ended += work_.tensors[t].bytes;
    }
    next.bytes = state.bytes + made - ended;
    const int64_t during = peak_ == PeakOf::apart ? state.bytes + made : std::max(state.bytes, next.bytes);
    next.peak = std::max(state.peak, during + work_.steps[static_cast<size_t>(step)].scratch);
    return next;
  }

  void push(State state) {
    const auto [known, is_new] = best_.try_emplace(state.done, state.peak);
    if (!is_new && known->second <= state.peak) return;
    known->second = state.peak;
    states_.push_back(std::move(state));
    open_.push(static_cast<int>(states_.size()) - 1);
  }

  std::vector<int> path_to(int at) const {
    std::vector<int> steps;
    for (; states_[static_cast<size_t>(at)].from >= 0; at = states_[static_cast<size_t>(at)].from)
      steps.push_back(states_[static_cast<size_t>(at)].step);
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

  struct Later {
    const std::vector<State>& states;
    bool operator()(int a, int b) const {
      const State &x = states[static_cast<size_t>(a)], &y = states[static_cast<size_t>(b)];
      if (x.peak != y.peak) return x.peak > y.peak;
      if (x.steps != y.steps) return x.steps < y.steps;
      return a > b;
    }
  };

  const Work& work_;
  PeakOf peak_;
  int most_states_;
  std::vector<std::vector<int>> before_, users_;
  std::vector<State> states_;
  std::map<Done, int64_t> best_;  // peak by what is done
  std::priority_queue<int, std::vector<int>, Later> open_{Later{states_}};
};

}  // namespace

std::vector<int> order_of_least_peak(const Work& work, PeakOf peak, int most_states) {
  std::vector<int> order;
  if (!work.keeps_order) order = Search(work, peak, most_states).find();
  if (order.empty()) {
    order.resize(work.steps.size());
    std::iota(order.begin(), order.end(), 0);
  }
  return order;
}

}  // namespace teff
