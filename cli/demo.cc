// teff demo: the network that the program carries, on the pictures that it carries.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "command.h"
#include "core/json.h"
#include "embedded.h"
#include "labels.h"
#include "layers.h"
#include "models.h"
#include "network_options.h"
#include "picture.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr int kSide = 28;

struct Answer {
  std::span<const uint8_t> pixels;
  size_t is = 0, says = 0;  // classes
  double probability = 0;   // that the network gives to what it says
  bool exact = false;       // the outputs are those that were recorded
  double seconds = 0;
};

bool right(const Answer& answer) { return answer.is == answer.says; }

size_t count(const std::vector<Answer>& answers, bool (*what)(const Answer&)) {
  return static_cast<size_t>(std::ranges::count_if(answers, what));
}

Answer ask(Session& session, std::span<const std::byte> sample, std::span<const std::byte> recorded) {
  Answer answer;
  answer.is = std::to_integer<size_t>(sample[0]);
  answer.pixels = {reinterpret_cast<const uint8_t*>(sample.data()) + 1, sample.size() - 1};
  std::ranges::transform(answer.pixels, session.input<int8_t>().begin(),
                         [](uint8_t pixel) { return static_cast<int8_t>(pixel - 128); });
  const auto start = std::chrono::steady_clock::now();
  session.run();
  answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const auto scores = session.output<int8_t>();
  const auto best = std::ranges::max_element(scores);
  answer.says = static_cast<size_t>(best - scores.begin());
  answer.probability = as_floats(std::as_bytes(scores), session.network().outputs()[0])[answer.says];
  answer.exact = std::ranges::equal(std::as_bytes(scores), recorded);
  return answer;
}

std::vector<Answer> ask_all(const EmbeddedModel& model, const Network& network, int threads) {
  Session session(network, threads);
  session.run();  // the first run touches memory that no other has touched before
  const size_t classes = session.output_bytes().size();
  std::vector<Answer> answers;
  for (size_t at = 0; at < model.samples.size(); at += model.sample_bytes)
    answers.push_back(ask(session, model.samples.subspan(at, model.sample_bytes),
                          model.outputs.subspan(answers.size() * classes, classes)));
  return answers;
}

double median_seconds(const std::vector<Answer>& answers) {
  std::vector<double> seconds;
  for (const Answer& answer : answers) seconds.push_back(answer.seconds);
  std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2));
  return seconds[seconds.size() / 2];
}

// As many pictures beside each other as the terminal is wide, what they are and what the network says below.
void print_pictures(const std::vector<Answer>& answers, const std::vector<std::string>& labels) {
  constexpr int kColumn = kSide / 2 + 2;
  const Shades shades = terminal_shades();
  const auto each_row = static_cast<size_t>(std::clamp((terminal_columns() + 2) / kColumn, 1, 10));
  for (size_t first = 0; first < answers.size(); first += each_row) {
    const auto row = std::span(answers).subspan(first, std::min(each_row, answers.size() - first));
    std::vector<std::string> lines(kSide / 4 + 2);
    for (const Answer& answer : row) {
      auto words = picture_lines({answer.pixels, kSide, kSide}, shades);
      for (std::string& line : words) line += "  ";
      words.push_back(fmt::format("{:<{}}", labels[answer.is], kColumn));
      words.push_back(fmt::format("{:<{}}",
                                  right(answer) ? fmt::format("right, {:.0f} %", 100 * answer.probability)
                                                : "says " + labels[answer.says],
                                  kColumn));
      for (size_t i = 0; i < lines.size(); ++i) lines[i] += words[i];
    }
    for (std::string& line : lines) fmt::print("{}\n", line.erase(line.find_last_not_of(' ') + 1));
    fmt::print("\n");
  }
}

void print(const EmbeddedModel& model, const Network& network, const std::vector<Answer>& answers) {
  const auto labels = parse_labels(std::string(model.labels));
  const auto layers = layers_of(*network.program());
  print_pictures(answers, labels);
  fmt::print("{} of {} pictures named right; ", count(answers, right), answers.size());
  const size_t exact = count(answers, [](const Answer& answer) { return answer.exact; });
  if (exact == answers.size())
    fmt::print("all {} output bytes are those of TensorFlow Lite's reference kernels.\n",
               model.outputs.size());
  else
    fmt::print("but {} answers differ from TensorFlow Lite's reference kernels: this is a fault of teff.\n",
               answers.size() - exact);
  fmt::print("{} a picture: {} MACs, {} of model file, {} of working memory.\n\n",
             seconds_text(median_seconds(answers)), count_text(total(layers, &Layer::macs)),
             bytes_text(static_cast<int64_t>(model.tflite.size())), bytes_text(network.working_memory()));
  fmt::print(
      "Try next, with any .tflite file in place of {0}:\n"
      "  teff inspect {0}                         what is in it\n"
      "  teff inspect {0} --html {0}.html    the same as a page to look at\n"
      "  teff bench {0}                           how long each layer takes\n"
      "  teff --help                                 all commands\n",
      model.name);
}

std::string json_text(const EmbeddedModel& model, const Network& network,
                      const std::vector<Answer>& answers) {
  const auto labels = parse_labels(std::string(model.labels));
  Json json;
  json.object().member("correct", count(answers, right)).member("total", answers.size());
  json.member("exact", std::ranges::all_of(answers, &Answer::exact));
  json.member("seconds", median_seconds(answers)).member("model_bytes", model.tflite.size());
  json.member("macs", total(layers_of(*network.program()), &Layer::macs));
  json.member("working_memory", network.working_memory()).key("pictures").array();
  for (const Answer& answer : answers)
    json.object()
        .member("is", labels[answer.is])
        .member("says", labels[answer.says])
        .member("probability", answer.probability)
        .member("exact", answer.exact)
        .end();
  return json.end().end().text();
}

int run(const Arguments& arguments) {
  const EmbeddedModel& model = embedded_fashion();
  const Network network = Network::parse(model.tflite, std::string(model.name));
  const auto answers = ask_all(model, network, threads(arguments));
  if (arguments.has("--json"))
    fmt::print("{}\n", json_text(model, network, answers));
  else
    print(model, network, answers);
  return std::ranges::all_of(answers, &Answer::exact) ? 0 : 1;
}

}  // namespace

const Command kDemo = {
    {.name = "demo",
     .operands = "",
     .summary = "names the garments in 40 pictures by the network that teff carries",
     .options = {{"--threads", "N", "use at most N threads (as many as there are processors)"},
                 {"--json", "", "print one JSON value instead"}},
     .details =
         "Exit code 1 where an answer is not to the byte what TensorFlow Lite's reference kernels say.",
     .least_operands = 0,
     .most_operands = 0},
    run};

}  // namespace teff::cli
