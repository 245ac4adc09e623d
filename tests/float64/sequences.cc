// Recurrent networks. State is 0 before the first call.
#include "graph/lstm_inputs.h"
#include "tests/float64/values.h"

namespace teff::float64 {
namespace {

using Vector = std::vector<Exact>;

// --- LSTM ---

struct Options {
  Activation activation;
  double cell_clip, proj_clip;
  bool time_major = false, backward = false;
};

// One network of an operator, and its state.
class Network {
 public:
  Network(const Values& v, const LstmInputs& in, const Options& options)
      : v_(v),
        in_(in),
        options_(options),
        h_(static_cast<size_t>(batch() * outputs())),
        c_(static_cast<size_t>(batch() * cells())) {}

  int64_t outputs() const { return v_.shape(in_.h_weights + kForgetGate)[1]; }

  // One call's results: [step][batch][output] or [batch][step][output].
  Vector run() {
    Vector y(static_cast<size_t>(steps() * batch() * outputs()));
    for (int64_t b = 0; b < batch(); ++b)
      for (int64_t s = 0; s < steps(); ++s) {
        const int64_t time = options_.backward ? steps() - 1 - s : s;
        step(b, time);
        for (int64_t o = 0; o < outputs(); ++o)
          y[static_cast<size_t>(place(b, time) * outputs() + o)] = h(b, o);
      }
    return y;
  }

 private:
  int64_t cells() const { return v_.shape(in_.weights + kForgetGate)[0]; }
  int64_t steps() const {
    const Shape& x = v_.shape(in_.x);
    return x.rank() == 2 ? 1 : x[options_.time_major ? 0 : 1];
  }
  int64_t batch() const {
    const Shape& x = v_.shape(in_.x);
    return x[x.rank() == 3 && options_.time_major ? 1 : 0];
  }
  int64_t place(int64_t b, int64_t time) const {
    return options_.time_major ? time * batch() + b : b * steps() + time;
  }
  Exact& h(int64_t b, int64_t o) { return h_[static_cast<size_t>(b * outputs() + o)]; }
  Exact& c(int64_t b, int64_t j) { return c_[static_cast<size_t>(b * cells() + j)]; }

  void step(int64_t b, int64_t time) {
    const bool coupled = !v_.has(in_.weights + kInputGate);
    const Vector f = gate(kForgetGate, b, time), g = gate(kCellGate, b, time),
                 i = coupled ? Vector{} : gate(kInputGate, b, time);
    for (int64_t j = 0; j < cells(); ++j) {
      const auto at = static_cast<size_t>(j);
      const Exact forget = logistic(f[at]), input = coupled ? 1 - forget : logistic(i[at]);
      c(b, j) = clipped(forget * c(b, j) + input * activated(options_.activation, g[at]), options_.cell_clip);
    }
    const Vector o = gate(kOutputGate, b, time);  // it looks at the new state
    Vector result;
    for (int64_t j = 0; j < cells(); ++j)
      result.push_back(logistic(o[static_cast<size_t>(j)]) * activated(options_.activation, c(b, j)));
    project(b, result);
  }

  static Exact clipped(const Exact& x, double clip) { return clip > 0 ? clamp(x, -clip, clip) : x; }

  // What a gate is before its activation.
  Vector gate(LstmGate k, int64_t b, int64_t time) {
    static constexpr int kPeephole[] = {0, 1, -1, 2};
    const int peephole = kPeephole[k] < 0 ? -1 : in_.peepholes + kPeephole[k];
    const bool norms = in_.norms >= 0 && v_.has(in_.norms + k);
    Vector sums;
    for (int64_t j = 0; j < cells(); ++j) {
      Sum sum;
      add_products(sum, in_.x, in_.weights + k, place(b, time), j);
      if (in_.aux >= 0) add_products(sum, in_.aux, in_.aux_weights + k, place(b, time), j);
      for (int64_t o = 0; o < outputs(); ++o) sum.add(h(b, o) * v_.at(in_.h_weights + k, j * outputs() + o));
      if (peephole >= 0 && v_.has(peephole)) sum.add(c(b, j) * v_.at(peephole, j));
      if (!norms) sum.add(v_.at(in_.biases + k, j));
      sums.push_back(sum.exact());
    }
    return norms ? normalized(sums, k) : sums;
  }

  void add_products(Sum& sum, int x, int weights, int64_t row, int64_t cell) const {
    const int64_t width = v_.shape(x).back();
    for (int64_t i = 0; i < width; ++i)
      sum.add(Exact(v_.at(x, row * width + i)) * v_.at(weights, cell * width + i));
  }

  // To mean 0 and deviation 1, times a factor, plus the bias.
  Vector normalized(const Vector& x, LstmGate k) const {
    const auto n = static_cast<double>(x.size());
    Sum sum, squares;
    for (const Exact& e : x) sum.add(e);
    const Exact mean = sum.exact() / n;
    for (const Exact& e : x) squares.add((e - mean) * (e - mean));
    const Exact scale = 1 / sqrt(squares.exact() / n + constant(1e-8));
    Vector y;
    for (size_t j = 0; j < x.size(); ++j) {
      const auto at = static_cast<int64_t>(j);
      y.push_back((x[j] - mean) * scale * v_.at(in_.norms + k, at) + v_.at(in_.biases + k, at));
    }
    return y;
  }

  void project(int64_t b, const Vector& result) {
    for (int64_t o = 0; o < outputs(); ++o) {
      if (!v_.has(in_.projection)) {
        h(b, o) = result[static_cast<size_t>(o)];
        continue;
      }
      Sum sum;
      if (v_.has(in_.projection + 1)) sum.add(v_.at(in_.projection + 1, o));
      for (int64_t j = 0; j < cells(); ++j)
        sum.add(result[static_cast<size_t>(j)] * v_.at(in_.projection, o * cells() + j));
      h(b, o) = clipped(sum.exact(), options_.proj_clip);
    }
  }

  const Values& v_;
  LstmInputs in_;
  Options options_;
  Vector h_, c_;
};

template <class Op>
Options options_of(const Op& op) {
  Options options{op.activation, static_cast<double>(op.cell_clip), static_cast<double>(op.proj_clip)};
  if constexpr (requires { op.time_major; }) options.time_major = op.time_major;
  return options;
}

Results every_call(Values& v, const std::function<void(Results&)>& add_results) {
  Results results;
  for (int call = 0; call < v.calls(); ++call) v.look_at(call), add_results(results);
  return results;
}

void append(Results& results, const Vector& more) { results.insert(results.end(), more.begin(), more.end()); }

Results one_network(Values& v, const Options& options) {
  Network network(v, kLstmInputs, options);
  return every_call(v, [&](Results& results) { append(results, network.run()); });
}

Results two_networks(Values& v) {
  const auto& op = std::get<BidirectionalLstm>(v.node().op);
  Options options = options_of(op);
  Network forward(v, with_aux(kForwardInputs, v), options);
  options.backward = true;
  Network backward(v, with_aux(kBackwardInputs, v), options);
  return every_call(v, [&](Results& results) {
    const Vector a = forward.run(), b = backward.run();
    if (!op.merge_outputs) return append(results, a), append(results, b);
    const auto width_a = static_cast<size_t>(forward.outputs()),
               width_b = static_cast<size_t>(backward.outputs());
    for (size_t i = 0, j = 0; i < a.size(); i += width_a, j += width_b) {
      for (size_t o = 0; o < width_a; ++o) results.push_back(a[i + o]);
      for (size_t o = 0; o < width_b; ++o) results.push_back(b[j + o]);
    }
  });
}

// One step with the gates i, g, f, o in one matrix: h and c come in and go out.
Results basic_step(const Values& v) {
  const Shape &x = v.shape(0), &h = v.shape(1);
  const int64_t cells = h[1], inputs = x[1];
  Vector outputs, states;
  for (int64_t i = 0; i < x[0] * cells; ++i) {
    const int64_t b = i / cells, j = i % cells;
    const auto gate = [&](int64_t k) {
      const int64_t row = k * cells + j;
      Sum sum;
      for (int64_t e = 0; e < inputs; ++e)
        sum.add(Exact(v.at(0, b * inputs + e)) * v.at(2, row * (inputs + cells) + e));
      for (int64_t e = 0; e < cells; ++e)
        sum.add(Exact(v.at(1, b * cells + e)) * v.at(2, row * (inputs + cells) + inputs + e));
      sum.add(v.at(3, row));
      return sum.exact();
    };
    states.push_back(logistic(gate(0)) * tanh(gate(1)) + logistic(gate(2)) * v.at(4, i));
    outputs.push_back(logistic(gate(3)) * tanh(states.back()));
  }
  append(outputs, states);
  return outputs;
}

Results lstm_step(Values& v) {
  const auto& op = std::get<LstmStep>(v.node().op);
  return op.kernel_type == 1 ? basic_step(v) : one_network(v, options_of(op));
}

// --- SVDF ---

Results svdf(Values& v) {
  const auto& op = std::get<Svdf>(v.node().op);
  const int64_t batch = v.shape(0)[0], inputs = v.shape(0)[1], filters = v.shape(1)[0],
                memory = v.shape(2)[1];
  Vector kept(static_cast<size_t>(batch * filters * memory));
  const auto filter = [&](Sum& sum, int64_t b, int64_t f) {
    Sum newest;
    for (int64_t i = 0; i < inputs; ++i) newest.add(Exact(v.at(0, b * inputs + i)) * v.at(1, f * inputs + i));
    const auto first = kept.begin() + (b * filters + f) * memory;
    std::shift_left(first, first + memory, 1);
    first[memory - 1] = newest.exact();
    for (int64_t t = 0; t < memory; ++t) sum.add(first[t] * v.at(2, f * memory + t));
  };
  return every_call(v, [&](Results& results) {
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t unit = 0; unit < filters / op.rank; ++unit) {
        Sum sum;
        if (v.has(3)) sum.add(v.at(3, unit));
        for (int64_t f = unit * op.rank; f < (unit + 1) * op.rank; ++f) filter(sum, b, f);
        results.push_back(activated(op.activation, sum.exact()));
      }
  });
}

}  // namespace

std::vector<Named> sequences() {
  return {
      {"UNIDIRECTIONAL_SEQUENCE_LSTM",
       [](Values& v) { return one_network(v, options_of(std::get<Lstm>(v.node().op))); }},
      {"BIDIRECTIONAL_SEQUENCE_LSTM", two_networks, 2},
      {"LSTM", lstm_step, 2},
      {"SVDF", svdf},
  };
}

}  // namespace teff::float64
