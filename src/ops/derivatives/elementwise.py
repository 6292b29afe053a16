# Shared by the texts of derivatives. Elementwise functions.

def _shares_memory(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()

def _wide(x):
    # 16-bit floats as float32: what torch computes inside one kernel is rounded once, by the engine's cast at the end.
    return x.float() if is_tensor(x) and x.dtype in (float16, bfloat16) else x

def _pow_base(grad, input, exponent):
    # The slope in the base: 0 where the exponent is 0, also at a base of 0.
    if not is_tensor(exponent):
        return zeros_like(grad) if exponent == 0 else grad * _conj(exponent * input ** (exponent - 1))
    return where(exponent == 0, 0, grad * _conj(exponent * input ** (exponent - 1)))

def _pow_exponent(grad, input, exponent, result):
    # The slope in the exponent: 0 where a base of 0 is raised to no negative power.
    flat = (exponent.real >= 0) & (exponent.imag == 0) if is_complex(exponent) else exponent >= 0
    if is_tensor(input):
        flat = flat & (input == 0)
        return grad * where(flat, 0, _conj(result * log(input.to(result.dtype))))
    if input == 0:
        return grad * where(flat, 0, _conj(result * float('-inf')))
    rate = log(tensor(input, dtype=complex128 if is_complex(result) else float64, device='cpu')).item()
    return grad * _conj(result * rate)

def _turn(grad, input):
    # The gradient of an angle: across the number, less the farther out it is; none at zero.
    if not is_complex(input):
        return zeros_like(grad)
    x, y = input.real, input.imag
    square = abs(input) ** 2
    return where(square == 0, 0, torch.complex(grad * -(y / square), grad * (x / square)))

def _elu_slope(grad, input, a, scale, rate):
    # elu and its kin: scale * x above zero, a * (e^(rate * x) - 1) below.
    g, x = _wide(grad), _wide(input)
    return where(x <= 0, g * rate * a * exp(where(x < 0, x, 0) * rate), g * scale)
