#include "evoke/core/version.hpp"

namespace evoke {

std::string_view software_version() {
    return EVOKE_VERSION;
}

}  // namespace evoke
