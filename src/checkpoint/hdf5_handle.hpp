#pragma once

#include <hdf5.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace evoke::checkpoint {

/// HDF5 refused; the text is the library's own.
class Hdf5Error : public std::runtime_error {
public:
    explicit Hdf5Error(const std::string& action) : std::runtime_error{action + reason()} {}

private:
    /// The innermost entry of the library's error stack.
    static std::string reason() {
        std::string text;
        const H5E_walk2_t first = [](unsigned, const H5E_error2_t* entry, void* data) -> herr_t {
            auto& found = *static_cast<std::string*>(data);
            if (found.empty() && entry->desc != nullptr) found = entry->desc;
            return 0;
        };
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &text);
        H5Eclear2(H5E_DEFAULT);
        return text.empty() ? text : ": " + text;
    }
};

/// Owns an identifier of the library; closes it by the function of its kind.
class Hdf5Handle {
public:
    using Close = herr_t (*)(hid_t);
    /// Throws Hdf5Error when `id` is the library's answer "failed".
    Hdf5Handle(hid_t id, Close close, const std::string& action) : id_{id}, close_{close} {
        if (id_ < 0) throw Hdf5Error{action};
    }
    ~Hdf5Handle() {
        if (id_ >= 0) close_(id_);
    }
    Hdf5Handle(Hdf5Handle&& other) noexcept
        : id_{std::exchange(other.id_, -1)}, close_{other.close_} {}
    Hdf5Handle& operator=(Hdf5Handle&&) = delete;
    Hdf5Handle(const Hdf5Handle&) = delete;
    Hdf5Handle& operator=(const Hdf5Handle&) = delete;

    [[nodiscard]] hid_t get() const { return id_; }

private:
    hid_t id_;
    Close close_;
};

inline void check(herr_t result, const std::string& action) {
    if (result < 0) throw Hdf5Error{action};
}

/// While one of these lives the calling thread has the library to itself (it may have been built
/// without thread safety), and its errors are not printed.
class Hdf5Session {
public:
    Hdf5Session() : lock_{mutex()} {
        H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    ~Hdf5Session() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
    Hdf5Session(const Hdf5Session&) = delete;
    Hdf5Session& operator=(const Hdf5Session&) = delete;

private:
    static std::mutex& mutex() {
        static std::mutex only;
        return only;
    }
    std::lock_guard<std::mutex> lock_;
    H5E_auto2_t print_ = nullptr;
    void* data_ = nullptr;
};

}  // namespace evoke::checkpoint
