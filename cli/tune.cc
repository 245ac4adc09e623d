// teff tune: kernels, code and memory of a network chosen by measuring.
#include <fmt/format.h>

#include "command.h"
#include "compile_report.h"
#include "core/error.h"
#include "core/json.h"
#include "models.h"
#include "target_options.h"
#include "text.h"
#include "tune_fit.h"
#include "tune_search.h"

namespace teff::cli {
namespace {

int fit(const Arguments& arguments) {
  std::vector<const Target*> chosen;
  for (const std::string& name : arguments.values("--target")) chosen.push_back(&target_named(name));
  if (chosen.empty()) throw UsageError("--fit takes a --target for each instruction set");
  fmt::print("{}", fit_cost_table(chosen, arguments.operands()));
  return 0;
}

std::optional<SerialBoard> board_of(const Arguments& arguments) {
  const auto device = arguments.value("--serial"), load = arguments.value("--load");
  if (device.has_value() != load.has_value())
    throw UsageError(
        "--serial DEVICE and --load PROGRAM go together: somebody has to put programs on the board");
  if (!device) return {};
  return SerialBoard{.device = *device,
                     .baud = static_cast<int>(arguments.number("--baud", 115200, 1, 10'000'000)),
                     .load = *load,
                     .seconds = static_cast<int>(arguments.number("--seconds", 60, 1, 3600))};
}

void expect_it_can_be_measured(const Target& target, bool board) {
  if (board) return;
  check(target.core->name != "host",
        "--target host: this computer has no counter; give a microcontroller, or a board with --serial");
  const std::string missing = missing_tools(target);
  check(missing.empty(), "{}", missing);
}

std::string unit(bool board) { return board ? "cycles" : "instructions"; }

void show(const Tried& tried, const Measurement& best, bool board, size_t number) {
  fmt::print(stderr, "{:3}  {:<44} {} {} (predicted {}){}; best {}\n", number, tried.what,
             tried.measured.total.instructions, unit(board), static_cast<int64_t>(tried.predicted),
             tried.fits ? "" : ", too large", best.total.instructions);
}

std::string gain_text(const TuneResult& result, bool board) {
  const int64_t before = result.usual.total.instructions, after = result.measured.total.instructions;
  return fmt::format(
      "{} {} where teff compile has {} ({:+.1f} %), {} programs measured or known\n", after, unit(board),
      before, 100.0 * static_cast<double>(after - before) / static_cast<double>(before), result.tried.size());
}

void add_counts(Json& json, const char* name, const Measurement& m) {
  json.key(name).object().member("instructions", m.total.instructions).member("loads", m.total.loads);
  json.member("stores", m.total.stores).member("sram", m.sram).member("flash", m.flash).end();
}

std::string result_json(const TuneResult& result, const CompileReport& report, const std::string& measured) {
  Json json;
  json.object().member("measured", measured);
  add_counts(json, "usual", result.usual);
  add_counts(json, "best", result.measured);
  json.member("model_error_before", result.shipped.median).member("model_error_after", result.refined.median);
  json.key("tried").array();
  for (const Tried& t : result.tried)
    json.object()
        .member("what", t.what)
        .member("predicted", t.predicted)
        .member("instructions", t.measured.total.instructions)
        .member("flash", t.measured.flash)
        .member("fits", t.fits)
        .end();
  const std::string head = json.end().end().text();
  return fmt::format("{},\"compile\":{}}}", head.substr(0, head.size() - 1), report_json(report));
}

int tune_model(const Arguments& arguments) {
  if (arguments.operands().size() != 1) throw UsageError("one MODEL is tuned at a time");
  CompileReport report;
  report.model = arguments.operand(0);
  report.options = compilation_options(arguments);
  const auto board = board_of(arguments);
  const Target& target = *report.options.target;
  expect_it_can_be_measured(target, board.has_value());
  const Bytes bytes = model_bytes(report.model);
  Measurer measurer(target, bytes.span(), board);
  size_t number = 0;
  TuneResult result = tune(
      report.model, report.options, measurer, static_cast<int>(arguments.number("--budget", 16, 1, 10'000)),
      [&](const Tried& last, const Measurement& best) { show(last, best, board.has_value(), ++number); });
  report.options = result.options;
  report.compilation = result.best;
  if (!board) report.measured = measure(result.best.emitted, target, result.best.emit_for);
  if (const auto directory = arguments.value("-o")) {
    replace_directory(*directory, result.best.emitted.files);
    report.directory = *directory;
  }
  if (arguments.has("--json"))
    fmt::print("{}\n", result_json(result, report, unit(board.has_value())));
  else
    fmt::print("{}{}", report_text(report), gain_text(result, board.has_value()));
  return 0;
}

int run(const Arguments& arguments) {
  return arguments.has("--fit") ? fit(arguments) : tune_model(arguments);
}

}  // namespace

const Command kTune = {
    {.name = "tune",
     .operands = "MODEL",
     .summary = "finds a faster program for a microcontroller by measuring",
     .options = {{"--target", "NAME", "the machine, as teff compile has it"},
                 {"-o", "DIR", "the folder to write, as teff compile does"},
                 {"--optimize", "WHAT", "speed, sram or flash (speed)"},
                 {"--sram", "N", "the memory that there is (no more than teff compile takes)"},
                 {"--flash", "N",
                  "the same for flash (what teff compile takes, or 30 kB beyond the weights)"},
                 {"--io", "WHAT", "int8: without the conversions from and to float at inputs and outputs"},
                 {"--layout", "WHAT", "plain, arduino or zephyr (plain)"},
                 {"--budget", "N", "measure no more than N programs (16); what is known costs nothing"},
                 {"--serial", "DEVICE", "measure cycles on the board behind this serial line"},
                 {"--load", "PROGRAM",
                  "with --serial: is given the folder of each program, builds and loads it"},
                 {"--baud", "N", "of the serial line (115200)"},
                 {"--seconds", "N", "that the board may say nothing (60)"},
                 {"--json", "", "print one JSON value instead"},
                 {"--fit", "", "count MODELs on a --target of each kind and print the cost model's table"}},
     .details = "What was measured is kept in $XDG_CACHE_HOME/teff (~/.cache/teff): a search that was\n"
                "interrupted goes on where it was.\n",
     .most_operands = 100},
    run};

}  // namespace teff::cli
