# What was being handled when an exception was raised.
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("x")
except ValueError as e:
    print(repr(e.__context__), e.__cause__, e.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError as z:
        raise ValueError("x") from z
except ValueError as e:
    print(repr(e.__context__), repr(e.__cause__), e.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("x") from None
except ValueError as e:
    print(repr(e.__context__), e.__cause__, e.__suppress_context__)
try:
    1 / 0
except ZeroDivisionError:
    try:
        [][0]
    except IndexError as inner:
        print(repr(inner.__context__))
def f():
    try:
        {}["k"]
    finally:
        int("x")
try:
    f()
except ValueError as e:
    print(repr(e.__context__), repr(e.__context__.__context__))
e = ValueError("a")
try:
    try:
        raise e
    except ValueError:
        raise e
except ValueError as again:
    print(again.__context__)
e.add_note("more")
print(e.__notes__)
try:
    e.add_note(3)
except TypeError as wrong:
    print(wrong)
