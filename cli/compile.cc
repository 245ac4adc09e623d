// teff compile: a network as plain C for a microcontroller, and what it costs there.
#include <fmt/format.h>

#include <optional>

#include "board_run.h"
#include "budgets.h"
#include "command.h"
#include "compilation.h"
#include "compile_html.h"
#include "compile_report.h"
#include "core/error.h"
#include "core/file.h"
#include "target_options.h"

namespace teff::cli {
namespace {

// What to write: as the options say, or, where they say nothing, the knee of what there is to choose from.
void choose(CompileReport& report, const Arguments& arguments) {
  CompilationOptions& options = report.options;
  const bool counts = arguments.has("--run") && options.target->core->name != "host";
  if (arguments.has("--optimize") || options.sram || options.flash) {
    report.compilation = compile_within(report.model, options);
    if (arguments.has("--front"))
      report.front = make_front(report.model, options, report.compilation, counts);
    return;
  }
  report.front = make_front(report.model, options, {}, counts);
  report.compilation = report.front->points[report.front->chosen].compilation;
  options.optimize = "both";
}

int run(const Arguments& arguments) {
  CompileReport report;
  report.model = arguments.operand(0);
  report.options = compilation_options(arguments);
  const auto directory = arguments.value("-o");
  if (arguments.has("--run") && report.options.layout != EmitLayout::plain)
    throw UsageError("--run goes with --layout plain");
  if (arguments.has("--ablation") && !arguments.has("--run"))
    throw UsageError("--ablation counts instructions, so it goes with --run");
  choose(report, arguments);
  report.ablation.memory = ablate_sram(report.compilation, report.options);
  if (arguments.has("--run")) {
    report.measured =
        measure(report.compilation.emitted, *report.options.target, report.compilation.emit_for);
    if (arguments.has("--ablation"))
      report.ablation.counted = ablate_instructions(report.compilation, report.options);
  }
  if (directory) replace_directory(*directory, report.compilation.emitted.files);
  report.directory = directory.value_or("");
  if (const auto page = arguments.value("--html")) write_file(*page, compile_html(report));
  if (arguments.has("--json"))
    fmt::print("{}\n", report_json(report));
  else
    fmt::print("{}", report_text(report));
  if (!report.measured || report.measured->crc_ok) return 0;
  fmt::print(stderr, "teff compile: the machine computes something else than the host: {}\n",
             report.measured->difference);
  return 1;
}

}  // namespace

const Command kCompile = {
    {.name = "compile",
     .operands = "MODEL",
     .summary = "writes a network as plain C for a microcontroller",
     .options = {{"--target", "NAME",
                  "the machine: a core (cortex-m7, m4, riscv32, host, ...) or a board (stm32f746, ...)"},
                 {"-o", "DIR", "the folder to write; one that teff compile wrote is replaced"},
                 {"--optimize", "WHAT", "speed, sram or flash (the knee between speed and sram)"},
                 {"--sram", "N", "the memory that there is, as 65536, 64K or 1M (the board's)"},
                 {"--flash", "N", "the same for flash"},
                 {"--io", "WHAT", "int8: without the conversions from and to float at inputs and outputs"},
                 {"--input-rows", "",
                  "the application hands over the input row by row (a camera), when the network asks for it"},
                 {"--layout", "WHAT", "plain, arduino or zephyr (plain)"},
                 {"--run", "", "build it, run it on an emulated machine, check and count"},
                 {"--front", "", "also say what more or less memory would cost"},
                 {"--ablation", "", "with --run: also count what each optimisation saves"},
                 {"--html", "FILE", "write a page: memory over time, layers, flash"},
                 {"--json", "", "print one JSON value instead"}}},
    run};

}  // namespace teff::cli
