#pragma once

#include "app/commands.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::app {

/// `evoke score` for a model that fills in masks.
[[nodiscard]] ExitCode score_masks(lm::LanguageModel& model, const LinesArguments& arguments);

}  // namespace evoke::app
