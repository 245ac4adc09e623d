// Where TFLite's LSTM operators have their inputs.
#pragma once

namespace teff {

// Numbers of inputs; -1: the operator has none. Weights, biases and norms are each those of the gates i, f,
// g, o in turn, peepholes those of i, f, o; an LSTM without i leaves all of i's out.
struct LstmInputs {
  int x = 0;
  int weights, h_weights, peepholes, biases;
  int projection;  // and its bias
  int h, c;
  int norms = -1;
  int aux = -1, aux_weights = -1;
};

inline constexpr LstmInputs kLstmInputs = {.weights = 1,
                                           .h_weights = 5,
                                           .peepholes = 9,
                                           .biases = 12,
                                           .projection = 16,
                                           .h = 18,
                                           .c = 19,
                                           .norms = 20};

// BIDIRECTIONAL_SEQUENCE_LSTM has two. With an auxiliary input but no weights for it, the second reads that
// one in place of the first (networks in parallel, layer by layer).
inline constexpr LstmInputs kForwardInputs = {.weights = 1,
                                              .h_weights = 5,
                                              .peepholes = 9,
                                              .biases = 12,
                                              .projection = 16,
                                              .h = 35,
                                              .c = 36,
                                              .aux = 39,
                                              .aux_weights = 40};
inline constexpr LstmInputs kBackwardInputs = {.weights = 18,
                                               .h_weights = 22,
                                               .peepholes = 26,
                                               .biases = 29,
                                               .projection = 33,
                                               .h = 37,
                                               .c = 38,
                                               .aux = 39,
                                               .aux_weights = 44};

// The gates by their place in the lists above.
enum LstmGate { kInputGate, kForgetGate, kCellGate, kOutputGate };

// Which of an operator's two networks reads what, told by the inputs that `node` (Inference, Lowering) has.
LstmInputs with_aux(LstmInputs inputs, const auto& node) {
  if (inputs.aux < 0 || !node.has(inputs.aux)) {
    inputs.aux = inputs.aux_weights = -1;
  } else if (!node.has(kForwardInputs.aux_weights + kForgetGate)) {
    if (inputs.h == kBackwardInputs.h) inputs.x = inputs.aux;
    inputs.aux = inputs.aux_weights = -1;
  }
  return inputs;
}

}  // namespace teff
