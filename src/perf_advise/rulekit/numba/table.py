"""What Numba compiles to the same results: types, functions, statements, operators."""

import libcst as cst

SCALARS = frozenset({"int", "float", "bool", "complex"})
DTYPES = frozenset({"float64", "int64", "complex128", "bool"})
MATH = frozenset(
    f"math.{name}"
    for name in (
        "sqrt exp log log10 log1p expm1 sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh floor ceil "
        "trunc fabs copysign isnan isinf isfinite degrees radians erf erfc pi e inf nan tau"
    ).split()
)
BUILTINS = frozenset(
    f"builtins.{n}" for n in ("abs", "min", "max", "int", "float", "len", "range", "bool", "round", "divmod", "complex")
)
NUMPY = frozenset(
    f"numpy.{name}"
    for name in (
        "zeros ones empty zeros_like empty_like ones_like sqrt exp log sin cos tan arctan arctan2 abs fabs "
        "floor ceil isnan isinf minimum maximum sign pi e inf nan float64 int64"
    ).split()
)
KNOWN = MATH | BUILTINS | NUMPY | frozenset({"math.gcd", "sys.maxsize"})

STATEMENTS = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Expr, cst.Return, cst.Break, cst.Continue, cst.Pass,
              cst.Assert, cst.Raise)  # fmt: skip
COMPOUND = (cst.For, cst.While, cst.If, cst.SimpleStatementLine, cst.IndentedBlock, cst.Else)
OPERATIONS = (cst.Name, cst.Attribute, cst.Integer, cst.Float, cst.Imaginary, cst.BinaryOperation, cst.UnaryOperation,
              cst.BooleanOperation, cst.Comparison, cst.IfExp, cst.Call, cst.Subscript, cst.Tuple, cst.List,
              cst.SimpleString)  # fmt: skip
COMPARED = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual, cst.Equal, cst.NotEqual)
DIVISIONS = (cst.Divide, cst.FloorDivide, cst.Modulo, cst.DivideAssign, cst.FloorDivideAssign, cst.ModuloAssign)
GROWING = (cst.Add, cst.Subtract, cst.Multiply, cst.Power, cst.LeftShift, cst.AddAssign, cst.SubtractAssign,
           cst.MultiplyAssign, cst.PowerAssign, cst.LeftShiftAssign)  # fmt: skip
