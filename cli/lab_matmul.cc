// teff lab matmul: one product of matrices, from three loops to the machine's limit.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/cpu.h"
#include "core/error.h"
#include "core/json.h"
#include "core/threads.h"
#include "lab.h"
#include "lab/matmul.h"
#include "lab/oracle.h"
#include "lab_svg.h"
#include "lab_time.h"
#include "progress.h"
#include "run/machine.h"

namespace teff::cli {
namespace {

using namespace lab;

struct Setup : LabShape {
  int threads, repeat;
  bool the_lectures() const { return m == kLectureM && k == kLectureK && n == kLectureN; }
};

struct Rung {
  const MatmulStep* step;
  int threads = 1;
  double seconds = 0, error = 0;
  const char* missing = nullptr;
};

class Ladder {
 public:
  explicit Ladder(const Setup& setup)
      : setup_(setup),
        a_(random_floats(setup.m * setup.k, 1)),
        b_(random_floats(setup.k * setup.n, 2)),
        truth_(matmul64(setup.m, setup.k, setup.n, a_, b_, setup.threads)),
        c_(truth_.size()) {}

  Rung climb(const MatmulStep& step) {
    Rung rung{&step, step.threaded ? setup_.threads : 1};
    if (step.missing && (rung.missing = step.missing())) return rung;
    std::ranges::fill(c_, std::numeric_limits<float>::quiet_NaN());
    rung.seconds = lab_median(rung.threads, setup_.repeat, [&] {
      step.run({setup_.m, setup_.k, setup_.n, a_.data(), b_.data(), c_.data(), rung.threads});
    });
    rung.error = largest_error(c_, truth_);
    const double allowed = allowed_error(setup_.k);
    check(rung.error <= allowed, "lab matmul: '{}' is wrong: off by {:.3g} where rounding explains {:.3g}",
          step.name, rung.error, allowed);
    return rung;
  }

 private:
  Setup setup_;
  std::vector<float> a_, b_;
  std::vector<double> truth_;
  std::vector<float> c_;
};

struct Measured {
  Setup setup;
  MachineLimit limit;
  std::vector<Rung> rungs;
  double speedup(const Rung& rung) const { return rungs[0].seconds / rung.seconds; }
  // Of what the threads that it uses could do at best.
  double of_peak(const Rung& rung) const {
    return limit.macs_per_second > 0 ? setup.macs() / rung.seconds / (limit.macs_per_second * rung.threads)
                                     : 0;
  }
};

Measured measure_all(const Setup& setup) {
  Measured measured{setup, measure_float_limit(), {}};
  const auto steps = matmul_steps();
  Progress progress("matmul", steps.size());
  progress.now("float64, to compare with");
  Ladder ladder(setup);
  for (const MatmulStep& step : steps) {
    progress.now(step.name);
    measured.rungs.push_back(ladder.climb(step));
    progress.step();
  }
  progress.done();
  return measured;
}

std::string shape_text(const Setup& s) { return fmt::format("{}x{}x{}", s.m, s.k, s.n); }

std::string lecture_text(const MatmulStep& step) {
  if (step.lecture_ms == 0) return "";
  const double factor = matmul_steps()[0].lecture_ms / step.lecture_ms;
  return fmt::format("{:.0f} ms, {}", step.lecture_ms, factor_text(factor));
}

std::vector<std::string> row_of(const Measured& m, const Rung& rung) {
  const MatmulStep& step = *rung.step;
  if (rung.missing) return {step.name, "", "skipped", "", "", lecture_text(step), rung.missing};
  return {step.name,
          std::to_string(rung.threads),
          seconds_text(rung.seconds),
          factor_text(m.speedup(rung)),
          percent_text(m.of_peak(rung)),
          lecture_text(step),
          step.words};
}

Bar bar_of(const Measured& m, const Rung& rung) {
  const MatmulStep& step = *rung.step;
  const double lecture = step.lecture_ms > 0 ? matmul_steps()[0].lecture_ms / step.lecture_ms : 0;
  return {step.name,
          m.speedup(rung),
          fmt::format("{}, {} of peak", factor_text(m.speedup(rung)), percent_text(m.of_peak(rung))),
          lecture,
          fmt::format("{}\n{}\n{} thread{}", step.words, seconds_text(rung.seconds), rung.threads,
                      rung.threads == 1 ? "" : "s"),
          rung.threads > 1 ? "dense" : "conv"};
}

std::string notes_of(const Measured& m) {
  double error = 0;
  for (const Rung& rung : m.rungs) error = std::max(error, rung.error);
  std::string text = fmt::format("All agree with float64: off by at most {:.2g} (rounding explains {:.2g}).",
                                 error, allowed_error(m.setup.k));
  if (m.limit.macs_per_second > 0)
    text += fmt::format("\nThe peak of one thread, measured: {} multiply-adds a second by {}.",
                        count_text(static_cast<int64_t>(m.limit.macs_per_second)), m.limit.how) +
            fmt::format(
                "\nAt that rate {} thread{} would end at {}: no program is further from naive.",
                m.setup.threads, m.setup.threads == 1 ? "" : "s",
                factor_text(m.limit.macs_per_second * m.setup.threads * m.rungs[0].seconds / m.setup.macs()));
  return text + "\nThe lecture's times are from a Xeon 4114 with 4 threads" +
         (m.setup.the_lectures() ? "." : ", at 640x12800x640: compare the order, not the numbers.");
}

LabSection section_of(const Measured& m) {
  LabSection section{
      "The ladder",
      "Each rung against the first, and against what the threads that it uses could do at best.",
      {{{"step"},
        {"threads", Align::right},
        {"time", Align::right},
        {"speed-up", Align::right},
        {"of peak", Align::right},
        {"the lecture", Align::right},
        {"what changes"}},
       {}},
      notes_of(m),
      ""};
  std::vector<Bar> bars;
  for (const Rung& rung : m.rungs) {
    section.sheet.rows.push_back(row_of(m, rung));
    if (!rung.missing) bars.push_back(bar_of(m, rung));
  }
  section.svg =
      bars_svg(bars, true, "times as fast as naive (violet: several threads); lines across: the lecture's");
  return section;
}

std::string json_of(const Measured& m) {
  Json json;
  json.object().member("cpu", cpu().name).member("threads", m.setup.threads);
  json.member("m", m.setup.m).member("k", m.setup.k).member("n", m.setup.n);
  json.member("peak_macs_per_second", m.limit.macs_per_second).key("steps").array();
  for (const Rung& rung : m.rungs) {
    if (rung.missing) continue;
    json.object()
        .member("name", rung.step->name)
        .member("threads", rung.threads)
        .member("seconds", rung.seconds)
        .member("speedup", m.speedup(rung))
        .member("of_peak", m.of_peak(rung))
        .member("error", rung.error)
        .key("lecture_seconds");
    rung.step->lecture_ms > 0 ? json.value(rung.step->lecture_ms / 1000) : json.null();
    json.end();
  }
  json.end().key("skipped").array();
  for (const Rung& rung : m.rungs)
    if (rung.missing) json.object().member("name", rung.step->name).member("reason", rung.missing).end();
  return json.end().end().text();
}

LabReport measure(const Arguments& arguments) {
  const Setup setup{lab_shape(arguments, {kLectureM, kLectureK, kLectureN}), lab_threads(arguments),
                    lab_repeat(arguments)};
  const Measured measured = measure_all(setup);
  return {fmt::format("A product of matrices, {}", shape_text(setup)),
          fmt::format("{}, {} of {} threads at most; {} multiply-adds", cpu().name, setup.threads,
                      hardware_threads(), count_text(static_cast<int64_t>(setup.macs()))),
          {section_of(measured)},
          json_of(measured)};
}

}  // namespace

const Chapter kLabMatmul = {"matmul",
                            "a product of matrices, from three loops to the machine's limit",
                            {"--shape", "--threads", "--repeat"},
                            measure};

}  // namespace teff::cli
