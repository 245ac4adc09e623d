// teff evaluate: how often a classifier is right.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "command.h"
#include "core/error.h"
#include "core/json.h"
#include "dataset.h"
#include "labels.h"
#include "models.h"
#include "network_options.h"
#include "progress.h"

namespace teff::cli {
namespace {

// What came out: confusion[truth][answer], and how often the truth was among the five best.
struct Tally {
  size_t total = 0, correct = 0, among_five = 0;
  std::vector<std::vector<size_t>> confusion;

  explicit Tally(size_t classes) : confusion(classes, std::vector<size_t>(classes)) {}

  void add(size_t truth, std::span<const float> scores) {
    // Of equal scores the first counts, as arg max has it.
    const auto better = [&](size_t other) {
      return scores[other] > scores[truth] || (scores[other] == scores[truth] && other < truth);
    };
    size_t rank = 0;
    for (size_t i = 0; i < scores.size(); ++i) rank += i != truth && better(i);
    const auto answer = static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    ++total;
    correct += rank == 0;
    among_five += rank < 5;
    ++confusion[truth][answer];
  }
};

double share(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

void print(const Tally& tally, const std::vector<std::string>& labels) {
  fmt::print("{} of {} right: {:.2f} % (among the first five: {:.2f} %)\n", tally.correct, tally.total,
             100 * share(tally.correct, tally.total), 100 * share(tally.among_five, tally.total));
  if (tally.confusion.size() > 40) return;
  const auto name = [&](size_t i) { return i < labels.size() ? labels[i] : std::to_string(i); };
  size_t width = 5;
  for (size_t i = 0; i < tally.confusion.size(); ++i) width = std::max(width, name(i).size());
  fmt::print("\nrows: what it is; columns: what the network says\n{:>{}} ", "", width);
  for (size_t i = 0; i < tally.confusion.size(); ++i) fmt::print("{:>5}", i);
  fmt::print("  right\n");
  for (size_t i = 0; i < tally.confusion.size(); ++i) {
    const auto& row = tally.confusion[i];
    fmt::print("{:>{}} ", name(i), width);
    for (size_t count : row) fmt::print("{:>5}", count == 0 ? "." : std::to_string(count));
    const size_t all = std::accumulate(row.begin(), row.end(), size_t{0});
    fmt::print("{}\n", all == 0 ? "" : fmt::format("  {:.0f} %", 100 * share(row[i], all)));
  }
}

std::string json(const Tally& tally) {
  Json json;
  json.object().member("correct", tally.correct).member("total", tally.total);
  json.member("top1", share(tally.correct, tally.total)).member("top5", share(tally.among_five, tally.total));
  json.key("confusion").array();
  for (const auto& row : tally.confusion) {
    json.array();
    for (size_t count : row) json.value(count);
    json.end();
  }
  return json.end().end().text();
}

int run(const Arguments& arguments) {
  const auto data = arguments.value("--data");
  if (!data) throw UsageError("--data FILE is missing: what to evaluate on");
  const Network network = open_network(arguments.operand(0), load_options(arguments));
  check(network.inputs().size() == 1 && !network.outputs().empty(),
        "{}: a classifier has one input, this has {}", arguments.operand(0), network.inputs().size());
  const TensorInfo& scores = network.outputs().front();
  int64_t classes = 1;
  for (int64_t extent : scores.shape) classes *= extent;

  const auto dataset = open_dataset(*data, network.inputs().front(), pixel_range(arguments));
  Session session(network, threads(arguments));
  Tally tally(static_cast<size_t>(classes));
  Progress progress("evaluating", dataset->size());
  const size_t count =
      std::min(dataset->size(), static_cast<size_t>(arguments.number("--limit", INT64_MAX, 1, INT64_MAX)));
  for (size_t i = 0; i < count; ++i) {
    const Example example = dataset->example(i);
    check(example.label >= 0 && example.label < classes,
          "{}: example {} has label {}, but the network tells {} classes", *data, i, example.label, classes);
    const auto memory = session.input_bytes();
    std::memcpy(memory.data(), example.input.data(), memory.size());
    session.run();
    tally.add(static_cast<size_t>(example.label), as_floats(session.output_bytes(), scores));
    progress.step();
  }
  progress.done();
  if (arguments.has("--json"))
    fmt::print("{}\n", json(tally));
  else
    print(tally, read_labels(arguments));
  return 0;
}

}  // namespace

const Command kEvaluate = {
    {.name = "evaluate",
     .operands = "MODEL",
     .summary = "how often a classifier is right on labelled data",
     .options = {{"--data", "PATH", "the data, see below"},
                 {"--limit", "N", "only the first N examples"},
                 {"--labels", "FILE", "names of the classes, one a line"},
                 {"--range", "LO,HI", "what black and white are in a picture"},
                 {"--shape", "NAME=1x16000", "the shape of an input, where the model leaves it open"},
                 {"--no-fuse", "", "run every operator of the file as it stands"},
                 {"--threads", "N", "use at most N threads (as many as there are processors)"},
                 {"--json", "", "print one JSON value instead"}},
     .details = "PATH is one of\n"
                "  a .bin file in CIFAR's form: for each picture a label byte and height x width x 3 bytes\n"
                "  a .npz file with arrays x and y, or a pair of files X.npy,Y.npy\n"
                "  a .csv file with a line FILE,LABEL for each example, paths relative to it\n"
                "  a folder with a folder of pictures for each class, in the order of their names"},
    run};

}  // namespace teff::cli
