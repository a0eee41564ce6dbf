#pragma once

#include <gtest/gtest.h>

#include "evoke/lm/devices.hpp"

namespace evoke::test {

/// Tests that need a CUDA device. Without one they are skipped, also where nothing else may be.
class GpuTest : public testing::Test {
protected:
    void SetUp() override {
        if (lm::visible_gpus() == 0) GTEST_SKIP() << "no CUDA device is visible";
    }
};

}  // namespace evoke::test
