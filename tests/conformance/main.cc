// Compares single operators with another engine, many random cases each. tests/conformance/run does all steps
// in a row; oracle.py is the middle one.
#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "formats/tflite.h"
#include "graph/op_table.h"
#include "graph/to_tflite.h"
#include "tests/conformance/case.h"
#include "tests/conformance/check.h"
#include "tests/conformance/pack.h"

namespace teff::conformance {
namespace {

constexpr const char* kUsage = R"(usage:
  conformance list                                         operators, and which have generators
  conformance generate DIR OP...|all [--count N] [--seed S]  writes DIR/OP.cases
  conformance compare DIR [OP...]                          against DIR/OP.answers; fails on a difference
  conformance show DIR OP INDEX                            one case in words, and as files for other tools
  conformance record DIR FILE                              a small selection with its answers for ./test
)";

// --- what is at work when something crashes ---

char current[128];

void set_current(const std::string& op, uint32_t index) {
  const std::string text = fmt::format("crashed in {} case {}\n", op, index);
  std::strncpy(current, text.c_str(), sizeof current - 1);
}

void report_crash(int signal) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, current, std::strlen(current));
  std::_Exit(128 + signal);
}

// --- arguments ---

struct Arguments {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;

  int number(const std::string& name, int otherwise) const {
    const auto option = options.find(name);
    return option == options.end() ? otherwise : std::stoi(option->second);
  }
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      arguments.words.push_back(word);
      continue;
    }
    check(i + 1 < argc, "{} takes a value", word);
    arguments.options[word.substr(2)] = argv[++i];
  }
  return arguments;
}

std::vector<std::string> operators_named(std::span<const std::string> words) {
  std::vector<std::string> names;
  for (const std::string& word : words) {
    if (word != "all") {
      check(registry().find(word) != nullptr, "there is no generator for {}", word);
      names.push_back(word);
      continue;
    }
    for (const auto& entry : registry().entries()) names.push_back(entry.op);
  }
  return names;
}

std::string cases_file(const std::string& folder, const std::string& op) {
  return folder + "/" + op + ".cases";
}
std::string answers_file(const std::string& folder, const std::string& op) {
  return folder + "/" + op + ".answers";
}

// --- commands ---

int list() {
  int missing = 0;
  for (const OpRow& row : op_table()) {
    const bool has = registry().find(row.name) != nullptr;
    missing += !has;
    fmt::print("{:32}{}\n", row.name, has ? "" : "no generator");
  }
  fmt::print("{} operators, {} without generator\n", op_table().size(), missing);
  return 0;
}

PackedCase pack(const Case& c) {
  return {static_cast<uint32_t>(c.index), static_cast<uint32_t>(c.calls),
          Bytes::own(tflite::tflite_bytes(to_tflite(c.model))), c.inputs};
}

// A generator that shape rules refuse is a difference too: it draws what the operator allows.
int generate(const std::string& folder, std::span<const std::string> words, int count, uint64_t seed) {
  make_directories(folder);
  int refused = 0;
  for (const std::string& op : operators_named(words)) {
    std::vector<PackedCase> cases;
    int refused_here = 0;
    for (int i = 0; i < count; ++i) {
      set_current(op, static_cast<uint32_t>(i));
      try {
        cases.push_back(pack(make_case(*registry().find(op), seed, i)));
      } catch (const Error& error) {
        if (refused_here++ == 0) fmt::print("{} case {} cannot be made: {}\n", op, i, error.what());
      }
    }
    if (refused_here > 1) fmt::print("{}: {} of {} cases cannot be made\n", op, refused_here, count);
    refused += refused_here;
    write_file(cases_file(folder, op), packed(cases));
    std::filesystem::remove(answers_file(folder, op));
  }
  return refused ? 1 : 0;
}

struct Tally {
  int cases = 0, equal = 0, different = 0, refused_here = 0, refused_there = 0, refused_by_both = 0;
  bool good() const { return different == 0 && refused_here == 0; }
};

class Comparison {
 public:
  Comparison(const std::string& folder, const Registry::Entry& entry) : entry_(entry) {
    cases_ = read_cases(map_file(cases_file(folder, entry.op)));
    answers_ = read_answers(map_file(answers_file(folder, entry.op)));
    check(cases_.size() == answers_.size(), "{}: {} cases, {} answers", entry.op, cases_.size(),
          answers_.size());
  }

  Tally run() {
    for (size_t i = 0; i < cases_.size(); ++i) one(cases_[i], answers_[i]);
    return tally_;
  }

 private:
  static constexpr int kMostShown = 3;

  void one(const PackedCase& c, const Answer& answer) {
    ++tally_.cases;
    set_current(entry_.op, c.index);
    try {
      if (!answer.has_outputs()) return refused_there(c, answer);
      const std::string found = check_case(c, answer, entry_.tolerance);
      if (found.empty())
        ++tally_.equal;
      else
        show(c, found, tally_.different);
    } catch (const Error& error) {
      // What TFLite Micro does not take need not be taken here either.
      if (answer.status == Status::ran)
        show(c, error.what(), tally_.refused_here);
      else
        ++tally_.refused_by_both;
    }
  }

  // It must not crash here, whatever comes of it.
  void refused_there(const PackedCase& c, const Answer& answer) {
    if (reasons_.insert(answer.message).second && reasons_.size() <= kMostShown)
      fmt::print("{}: the oracle {}: {}\n", entry_.op,
                 answer.status == Status::crashed ? "crashes" : "refuses", answer.message);
    run_case(c, true);
    ++tally_.refused_there;
  }

  void show(const PackedCase& c, const std::string& what, int& counter) {
    if (counter++ < kMostShown) fmt::print("{} case {}: {}\n{}", entry_.op, c.index, what, describe_case(c));
  }

  const Registry::Entry& entry_;
  std::vector<PackedCase> cases_;
  std::vector<Answer> answers_;
  std::set<std::string> reasons_;
  Tally tally_;
};

int compare(const std::string& folder, std::span<const std::string> words) {
  std::vector<std::string> names = operators_named(words);
  if (names.empty())
    for (const auto& entry : registry().entries())
      if (std::filesystem::exists(answers_file(folder, entry.op))) names.push_back(entry.op);
  std::string table = fmt::format("{:32}{:>7}{:>7}{:>10}{:>14}{:>16}{:>9}\n", "operator", "cases", "equal",
                                  "different", "refused here", "refused there", "by both");
  bool good = true;
  for (const std::string& op : names) {
    const Tally t = Comparison(folder, *registry().find(op)).run();
    table += fmt::format("{:32}{:>7}{:>7}{:>10}{:>14}{:>16}{:>9}{}\n", op, t.cases, t.equal, t.different,
                         t.refused_here, t.refused_there, t.refused_by_both, t.good() ? "" : "  <--");
    good = good && t.good();
  }
  fmt::print("{}", table);
  return good ? 0 : 1;
}

int show(const std::string& folder, const std::string& op, uint32_t index) {
  const auto cases = read_cases(map_file(cases_file(folder, op)));
  const auto c = std::find_if(cases.begin(), cases.end(), [&](const auto& x) { return x.index == index; });
  check(c != cases.end(), "{} has no case {}", op, index);
  fmt::print("{}", describe_case(*c));
  const std::string stem = fmt::format("{}/{}.{}", folder, op, index);
  write_file(stem + ".tflite", c->model.span());
  for (size_t i = 0; i < c->inputs.size(); ++i)
    write_file(fmt::format("{}.in{}.bin", stem, i), c->inputs[i].span());
  fmt::print("written: {}.tflite and inputs\n", stem);
  if (!std::filesystem::exists(answers_file(folder, op))) return 0;
  for (const Answer& a : read_answers(map_file(answers_file(folder, op)))) {
    if (a.index != index) continue;
    if (!a.has_outputs()) fmt::print("the oracle says: {}\n", a.message);
    for (size_t i = 0; i < a.outputs.size(); ++i)
      write_file(fmt::format("{}.want{}.bin", stem, i), a.outputs[i].span());
    set_current(op, index);
    if (a.has_outputs()) fmt::print("{}\n", check_case(*c, a, registry().find(op)->tolerance));
  }
  return 0;
}

int64_t bytes_of(const PackedCase& c, const Answer& a) {
  size_t total = c.model.size();
  for (const Bytes& b : c.inputs) total += b.size();
  for (const Bytes& b : a.outputs) total += b.size();
  return static_cast<int64_t>(total);
}

// The first cases that are small: they come from all over the generator's range as they are.
Recorded selection(const std::string& folder, const Registry::Entry& entry) {
  constexpr size_t kMostCases = 12;
  constexpr int64_t kMostBytes = 1500;
  Recorded recorded{.op = entry.op, .tolerance = entry.tolerance};
  const auto cases = read_cases(map_file(cases_file(folder, entry.op)));
  const auto answers = read_answers(map_file(answers_file(folder, entry.op)));
  for (int64_t most = kMostBytes; recorded.cases.empty() && most <= 16 * kMostBytes; most *= 2) {
    for (size_t i = 0; i < answers.size() && recorded.cases.size() < kMostCases; ++i) {
      if (!answers[i].has_outputs() || bytes_of(cases[i], answers[i]) > most) continue;
      recorded.cases.push_back(cases[i]);
      recorded.answers.push_back(answers[i]);
    }
  }
  return recorded;
}

int record(const std::string& folder, const std::string& file) {
  std::vector<Recorded> operators;
  size_t cases = 0;
  for (const auto& entry : registry().entries()) {
    if (!std::filesystem::exists(answers_file(folder, entry.op))) continue;
    operators.push_back(selection(folder, entry));
    cases += operators.back().cases.size();
    if (operators.back().cases.empty()) fmt::print("{}: the oracle ran no case\n", entry.op);
  }
  const auto data = compressed(operators);
  write_file(file, data);
  fmt::print("{} cases of {} operators in {} bytes\n", cases, operators.size(), data.size());
  return 0;
}

int run(const Arguments& arguments) {
  const auto& words = arguments.words;
  const std::string command = words.empty() ? "" : words[0];
  const auto rest = std::span(words).subspan(std::min<size_t>(2, words.size()));
  if (command == "list") return list();
  if (command == "generate" && !rest.empty())
    return generate(words[1], rest, arguments.number("count", 200),
                    static_cast<uint64_t>(arguments.number("seed", 1)));
  if (command == "compare" && words.size() >= 2) return compare(words[1], rest);
  if (command == "show" && words.size() == 4)
    return show(words[1], words[2], static_cast<uint32_t>(std::stoi(words[3])));
  if (command == "record" && words.size() == 3) return record(words[1], words[2]);
  fmt::print(stderr, "{}", kUsage);
  return 2;
}

}  // namespace
}  // namespace teff::conformance

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  for (int signal : {SIGSEGV, SIGFPE, SIGABRT, SIGBUS, SIGILL})
    std::signal(signal, teff::conformance::report_crash);
  try {
    return teff::conformance::run(teff::conformance::parse(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "conformance: {}\n", error.what());
    return 1;
  }
}
