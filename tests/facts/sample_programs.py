"""Small programs of many kinds, each with a function `f` and calls of it."""

PROGRAMS: dict[str, tuple[str, list[str]]] = {
    "accumulate": ("""
        def f(xs: list[float], n: int):
            total = 0
            best = None
            for i in range(n):
                for j, x in enumerate(xs):
                    total += x * i
                    if best is None or x > best:
                        best = x
            mean = total / max(n, 1)
            return total, best, mean
        """, ["f([1.0, 2.5], 3)", "f([], 2)", "f([1.0], 0)"]),
    "arrays of shapes written as lists": ("""
        import numpy as np

        def f(n: int):
            a = np.zeros([n, n + 1], dtype=np.double)
            b = np.ones([n])
            c = np.empty([n, 2, 3], dtype=np.uint8)
            d = np.full((n, 2), 0)
            e = np.full([n], -1.5)
            g = np.full(n, True)
            h = np.where(a < 0.5, 1, -1)
            i = np.where(a < 0.5, 1, 0.5)
            j = np.where(b < 0.5, b, 0)
            k = np.tri(n)
            m = np.tri(n, 2, 0, int)
            o = np.identity(n, int)
            p = np.eye(n)
            q = np.pad(d, 1)
            r = np.zeros(shape=[n, n])
            return a, b, c, d, e, g, h, i, j, k, m, o, p, q, r
        """, ["f(3)", "f(1)"]),
    "alias that appends another type": ("""
        def f():
            xs = [1, 2]
            ys = xs
            ys.append("a")
            first = xs[0]
            last = xs[-1]
            zs = [xs, ys]
            zs[0].append(None)
            again = xs[3]
            return first, last, again
        """, ["f()"]),
    "helper that appends": ("""
        def add(xs, x):
            xs.append(x)

        def f(n: int):
            xs = [1]
            add(xs, "text")
            a = xs[n]
            return a
        """, ["f(0)", "f(1)"]),
    "callback that appends": ("""
        def f(g):
            xs = [1]
            before = xs[0]
            g(xs)
            after = xs[-1]
            return before, after
        """, ["f(lambda xs: xs.append('s'))"]),
    "kept and changed later": ("""
        class Box:
            def __init__(self):
                self.kept = None

            def keep(self, xs):
                self.kept = xs

            def spoil(self):
                self.kept.append("s")

        def f():
            box = Box()
            xs = [1]
            box.keep(xs)
            a = xs[0]
            box.spoil()
            b = xs[-1]
            return a, b
        """, ["f()"]),
    "closure that appends": ("""
        def f():
            xs = [1]

            def put(x):
                xs.append(x)

            put("s")
            a = xs[1]
            return a
        """, ["f()"]),
    "closure that rebinds": ("""
        def f():
            n = 1

            def change():
                nonlocal n
                n = "s"

            a = n
            change()
            b = n
            return a, b
        """, ["f()"]),
    "lambda in a list": ("""
        def f():
            xs = [1]
            fs = [lambda: xs.append("s")]
            fs[0]()
            a = xs[-1]
            return a
        """, ["f()"]),
    "bound method kept": ("""
        def f():
            xs = [1]
            put = xs.append
            put("s")
            a = xs[-1]
            return a
        """, ["f()"]),
    "grid": ("""
        def f(n: int):
            grid = [[0] * n for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    grid[i][j] = i * 0.5
            row = grid[0]
            row.append("x")
            cell = grid[0][-1]
            flat = [x for line in grid for x in line]
            cols = list(zip(*grid))
            return cell, flat, cols
        """, ["f(3)", "f(1)"]),
    "dict of lists": ("""
        from collections import defaultdict, Counter

        def f(words: list[str]):
            groups = {}
            for w in words:
                groups.setdefault(len(w), []).append(w)
            index = defaultdict(list)
            for i, w in enumerate(words):
                index[w].append(i)
            counts = Counter(words)
            top = counts.most_common(2)
            for key, group in groups.items():
                first = group[0]
            firsts = {k: v[0] for k, v in groups.items()}
            missing = groups.get(99)
            found = groups.pop(3, None)
            keys = list(index)
            total = sum(counts.values())
            return firsts, missing, found, keys, top, total
        """, ["f(['a', 'bb', 'ccc', 'bb'])", "f([])"]),
    "optional": ("""
        def f(xs: list[int] | None = None, n: int = 2):
            if xs is None:
                xs = []
            xs.append(n)
            last = xs[-1]
            m = None
            for x in xs:
                m = x if m is None else max(m, x)
            return last, m
        """, ["f()", "f([4, 1])"]),
    "narrowing": ("""
        def f(x):
            if isinstance(x, int):
                y = x + 1
            elif isinstance(x, (list, tuple)):
                y = len(x)
            elif isinstance(x, str) and x:
                y = x[0]
            else:
                y = None
            z = y or 0.5
            return y, z
        """, ["f(1)", "f([1])", "f((1, 2))", "f('ab')", "f('')", "f(2.5)"]),
    "powers": ("""
        def f(n: int, x: float):
            a = n ** 2
            b = n ** n
            c = x ** 2
            d = x ** 0.5
            e = (x * x) ** 0.5
            g = 2 ** -n
            h = n / 2
            i = n // 2
            j = n % 3
            k = -n
            m = not n
            o = n & 3 | 1
            p = True + True
            q = n == 2 and x
            r = divmod(n, 2)
            s = round(x)
            t = round(x, 1)
            u = abs(-n)
            return a
        """, ["f(2, 2.0)", "f(-2, -2.0)", "f(0, 0.5)"]),
    "texts": ("""
        def f(s: str):
            parts = s.split(",")
            joined = "-".join(parts)
            up = [p.upper() for p in parts if p]
            head, _, tail = s.partition(",")
            n = s.find(",")
            c = s[0]
            t = s[1:]
            b = s.encode()
            x = b[0]
            text = f"{n}: {c}"
            old = "%d" % n
            chars = sorted(s)
            pairs = list(zip(s, b))
            m = {ch: ord(ch) for ch in s}
            k = max(m, key=m.get)
            return joined, up, head, tail
        """, ["f('a,b,c')", "f('zz')"]),
    "unpacking": ("""
        def f(pairs: list[tuple[int, str]]):
            a, b = 1, "x"
            a, b = b, a
            (c, d), e = (1, 2.0), "s"
            first, *rest = pairs
            n, s = first
            *init, last = [1, 2.5, "z"]
            for i, (k, v) in enumerate(pairs):
                t = (i, k, v)
            x = y = []
            x.append(1)
            z = y[0]
            return a, b, c, d, e, rest, init, last, t
        """, ["f([(1, 'a'), (2, 'b')])"]),
    "loops that change types": ("""
        def f(n: int):
            x = 1
            y = "s"
            for i in range(n):
                x, y = y, x
            while n > 0:
                x = [x]
                n -= 1
                if n == 1:
                    continue
                if n == 5:
                    break
            else:
                y = None
            return x, y
        """, ["f(0)", "f(3)", "f(9)"]),
    "exceptions": ("""
        def f(xs: list[str]):
            n = "none"
            try:
                n = int(xs[0])
                n = 1 / n
            except ValueError as error:
                n = None
            except (IndexError, ZeroDivisionError):
                pass
            finally:
                done = n
            m = n
            try:
                m = [n]
                m = m[5]
            except IndexError:
                k = m
            return n, m, done
        """, ["f(['2'])", "f(['x'])", "f([])", "f(['0'])"]),
    "with": ("""
        import io
        import contextlib

        def f():
            x = 1
            with contextlib.suppress(ValueError):
                x = "s"
                int("q")
                x = 2.5
            y = x
            return y
        """, ["f()"]),
    "generators": ("""
        def count(n):
            for i in range(n):
                yield i * 0.5

        def f(n: int):
            total = 0
            for v in count(n):
                total += v
            g = (i * i for i in range(n))
            first = next(g, None)
            rest = list(g)
            k = 2
            lazy = (k * i for i in range(n))
            k = "s"
            items = list(lazy)
            evens = [i for i in range(n) if i % 2 == 0]
            any_big = any(i > 3 for i in range(n))
            return total, first, rest, items, evens, any_big
        """, ["f(4)", "f(0)"]),
    "iterators read late": ("""
        def f():
            xs = [1, 2]
            it = iter(xs)
            pairs = enumerate(xs)
            xs.append("s")
            a = list(it)
            b = list(pairs)
            z = zip(xs, xs)
            xs.append(None)
            c = list(z)
            m = map(str, xs)
            d = list(m)
            return a, b, c, d
        """, ["f()"]),
    "views read late": ("""
        def f(g):
            d = {1: 2}
            vs = d.values()
            ks = d.keys()
            d["s"] = "t"
            a = list(vs)
            b = list(ks)
            g(d)
            c = list(vs)
            e = [v for v in d.values()]
            return a, b, c, e
        """, ["f(lambda d: d.update({None: None}))"]),
    "queues and heaps": ("""
        import heapq
        from collections import deque

        def f(n: int):
            q = deque([(0, "a")])
            seen = {0}
            while q:
                d, name = q.popleft()
                if d < n:
                    q.append((d + 1, name + "x"))
                    seen.add(d)
            h = []
            heapq.heappush(h, (1.5, 2))
            heapq.heappush(h, (0.5, "s"))
            w, v = heapq.heappop(h)
            big = heapq.nlargest(1, seen)
            s = seen | {"a"}
            t = seen & {1}
            return d, name, w, v, big, s, t
        """, ["f(3)"]),
    "itertools": ("""
        import itertools

        def f(xs: list[int]):
            a = list(itertools.combinations(xs, 2))
            b = list(itertools.product(xs, "ab"))
            c = list(itertools.accumulate(xs))
            d = list(itertools.chain(xs, ["s"]))
            e = list(itertools.islice(itertools.count(1), 3))
            g = list(itertools.pairwise(xs))
            h = list(itertools.chain.from_iterable([xs, [1.5]]))
            i = list(map(lambda x: x / 2, xs))
            j = list(filter(None, [0, 1, None]))
            k = list(reversed(xs))
            m = sorted(xs, key=lambda x: -x)[0]
            n = min(xs, default=None)
            o = sum(xs, 0.5)
            p = dict(zip("ab", xs))
            q = max((x, str(x)) for x in xs)
            return a, b
        """, ["f([3, 1, 2])"]),
    "copies": ("""
        import copy

        def f():
            xs = [[1], [2]]
            ys = copy.copy(xs)
            zs = copy.deepcopy(xs)
            ys[0].append("s")
            a = xs[0][-1]
            zs[0].append(2.5)
            b = xs[1][0]
            ws = xs[:]
            ws.append(None)
            c = [len(w) for w in xs]
            vs = list(xs)
            vs[1] = "t"
            us = xs + [None]
            return a, b, c, zs
        """, ["f()"]),
    "slices": ("""
        def f(xs: list[int], k):
            a = xs[1:]
            b = xs[k]
            xs[1:2] = ["s", 2.5]
            c = xs[1]
            t = (1, "a", 2.5)
            d = t[1]
            e = t[-1]
            g = t[k]
            h = t[:2]
            i = t + (None,)
            j = [0] * 3 + ["x"]
            s = "abc"[k]
            del xs[0]
            return a, b, c
        """, ["f([1, 2, 3], 0)", "f([1, 2, 3], slice(0, 2))"]),
    "in place": ("""
        def f(n: int):
            xs = [1]
            ys = xs
            xs += ["s"]
            a = ys[-1]
            t = (1,)
            t += (2.5,)
            s = {1}
            s |= {"x"}
            d = {1: 2}
            d |= {"k": None}
            b = [v for v in d.values()]
            x = 1
            x /= 2
            x *= 1j
            z = "a"
            z += "b"
            z *= 2
            m = n
            m -= 0.5
            m //= 1
            return a, b, x, z
        """, ["f(3)"]),
    "classes": ("""
        class Point:
            scale = 2

            def __init__(self, x: float, y: float):
                self.x = x
                self.y = y
                self.tags = []
                self.parent = None
                self.n = 0

            @property
            def norm(self):
                return self.x * self.x + self.y * self.y

            def _moved(self, dx: float):
                self.n += 1
                return Point(self.x + dx, self.y)

        def f(n: int):
            p = Point(1.0, 2.0)
            points = [p]
            for i in range(n):
                points.append(points[-1]._moved(0.5))
            last = points[-1]
            a = last.x
            b = last.norm
            c = last.n
            d = last.tags
            d.append("s")
            e = last.parent
            g = Point.scale
            total = sum(q.x for q in points)
            return a, b, c, d, e, g
        """, ["f(2)"]),
    "recursion": ("""
        def fact(n):
            if n < 2:
                return 1
            return n * fact(n - 1)

        def half(n):
            return None if n == 0 else half(n - 1)

        def tree(n):
            return [] if n == 0 else [tree(n - 1), n]

        def f(n: int):
            a = fact(n)
            b = half(n)
            c = tree(n)
            return a, b, c
        """, ["f(4)"]),
    "helpers by type": ("""
        def twice(x):
            return x + x

        def first(xs):
            return xs[0]

        def pick(a, b, c=None):
            if a:
                return b
            return c

        def f(n: int):
            a = twice(n)
            b = twice("s")
            c = twice([n])
            c.append("s")
            d = first([n, "s"])
            e = pick(n, [1], c)
            g = pick(n, b)
            return a, b, c, d, e, g
        """, ["f(2)", "f(0)"]),
    "returns its argument": ("""
        def same(xs):
            return xs

        def either(xs, ys):
            return xs if xs else ys

        def f(n: int):
            xs = [n]
            ys = same(xs)
            ys.append("s")
            a = xs[-1]
            zs = either(xs, [2.5])
            zs.append(None)
            b = xs[-1]
            return a, b
        """, ["f(2)"]),
    "globals": ("""
        LIMIT = 10
        NAMES = ["a", "b"]
        TABLE = {"a": 1}
        state = 0
        log = []

        def bump():
            global state
            state = "on"
            log.append("x")

        def f(n: int):
            global state
            a = LIMIT + n
            b = NAMES[0]
            c = TABLE.get("a")
            d = state
            bump()
            e = state
            g = log
            state = 2.5
            bump()
            h = state
            return a, b, c, d, e, g, h
        """, ["f(1)", "f(2)"]),
    "walrus": ("""
        def f(xs: list[int]):
            if (n := len(xs)) > 1:
                a = n
            b = [y for x in xs if (y := x * 0.5) > 0]
            while (k := n - 1) > 0:
                n = k
            c = (m := 1) and (m := "s")
            d = [last := x for x in xs]
            e = last if xs else None
            return n, b, c, e
        """, ["f([1, 2])", "f([])"]),
    "match": ("""
        def f(x):
            match x:
                case int():
                    y = 1
                case [a, *rest]:
                    y = a
                case {"k": v, **others}:
                    y = v
                case str() as s if s:
                    y = s
                case _:
                    y = None
            return y
        """, ["f(1)", "f([1.5, 2])", "f({'k': 's', 'z': 1})", "f('s')", "f('')"]),
    "numpy": ("""
        import numpy as np

        def f(n: int):
            a = np.zeros((n, n))
            b = np.arange(n)
            c = np.arange(n) * 0.5
            d = a[0]
            e = a[:, 0]
            g = a[0, 0]
            h = a[1:] + c
            i = b[b > 1]
            j = a.sum()
            k = a.sum(axis=0)
            m = a.T @ a
            o = b / 2
            p = np.sqrt(b)
            q = np.where(b > 1, b, 0)
            r = b.mean()
            s = a.shape
            t = b.tolist()
            u = np.linspace(0, 1, 5)
            v = a.astype(np.float32)
            w = v * 2.0
            x = np.array([1.0, 2.0])
            y = a.reshape(-1)
            z = a[None, :]
            aa = b.max()
            ab = np.argsort(b)
            ac = b + 1
            ad = np.dot(c, c)
            ae = a * b[:, None]
            af = float(j)
            ag = int(b[0])
            ah = b[0] + 1
            ai = c[0] * 2
            aj = np.zeros(n, dtype=np.int32)
            ak = aj + 1
            al = np.concatenate([b, c])
            am = np.abs(b - 2)
            an = b == 1
            ao = an & (b > 0)
            ap = np.vstack([c, c])
            aq = -b
            ar = b.copy()
            ar[0] = 5
            as_ = ~an
            at = np.cumsum(c)
            au = np.full((2, 2), 1.5)
            av = np.ones_like(b)
            for row in a:
                aw = row
            for x1 in c:
                ax = x1
            ay = np.outer(c, c)
            az = np.maximum(c, 0.2)
            ba = np.exp(-c) + 1j
            bb = c.astype(int)
            bc = a.flatten()
            bd = np.unique(b)
            be = c[b]
            bf = a[b, b]
            bg = a[[0, 1]]
            bh = np.linalg.norm(c)
            bi = np.int64(3) / 2
            bj = np.float64(1) ** 2
            bk = c.any()
            bl = np.floor(c)
            bm = (b > 0).sum()
            bn = np.isnan(c)
            bo = np.diff(c)
            bp = np.random.rand(3)
            bq = np.random.randint(0, 5)
            br = np.eye(3)
            bs = np.stack([c, c])
            bt = b // 2
            bu = b % 2
            bv = b ** 2
            bw = c ** 2
            bx = 2 ** b
            by = 1 / (c + 1)
            bz = c[0] < 1
            ca = c.argmax()
            cb = np.bincount(b)
            cc = sum(c)
            cd = max(c)
            ce = min(b)
            cf = abs(c)
            cg = round(c[0], 2)
            ch = b[0] // 2
            ci = np.any(c > 1)
            cj = list(b)
            ck = [v1 * 2 for v1 in c]
            a += 1
            c *= 2
            return a
        """, ["f(4)"]),
    "boolean mix": ("""
        def f(a: int, b: float):
            x = a and b
            y = a or "s"
            z = not a
            u = a < b < 3
            v = a in [1, 2] or None
            w = (a, b) if a else [a]
            t = [1, 2.5, "s", None][a]
            s = {1: "a", "b": 2}
            r = s.get(a)
            q = s.get(a, 0.5)
            p = a if a > b else b
            return x, y, z, u, v, w, t, r, q, p
        """, ["f(1, 2.0)", "f(0, 0.0)", "f(3, 1.0)"]),
    "shadowed": ("""
        def sum(xs):
            return "shadow"

        def f(xs: list[int]):
            a = sum(xs)
            list = lambda x: x
            b = list(xs)
            len = 3
            c = len
            return a, b, c
        """, ["f([1])"]),
    "star arguments": ("""
        def g(*args, **kwargs):
            return args, kwargs

        def f(*xs: int, **options: str):
            a = xs
            b = xs[0] if xs else None
            c = options
            d = g(*xs, **options)
            e = max(*xs, 0)
            for k, v in options.items():
                h = v
            return a, b, c, d, e
        """, ["f(1, 2, k='v')", "f()"]),
    "sets and sorting": ("""
        def f(xs: list[int]):
            s = set(xs)
            s.add("x")
            t = s - {1}
            u = {x for x in xs}
            u.update([2.5])
            v = frozenset(u)
            w = u.pop()
            y = sorted(xs)[:2]
            z = [x for _, x in sorted(zip(xs, xs))]
            m = xs.pop() if xs else None
            o = xs.index(m) if m in xs else -1
            xs.sort(key=lambda x: -x)
            xs.insert(0, 7)
            xs.extend(str(x) for x in u)
            p = xs[-1]
            return s, t, v, w, y, z, o, p
        """, ["f([3, 1, 2])"]),
}  # fmt: skip
