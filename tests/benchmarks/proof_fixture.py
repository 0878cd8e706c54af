"""Functions of everyday kinds, and a run that calls them: what the proof benchmarks mutate and rewrite."""

import collections
import contextlib
import heapq
import random
import sys

import numpy as np

LIMIT = 40


class Grid:
    def __init__(self, cells):
        self.n = len(cells)
        self.cells = cells
        self.steps = 0

    def neighbours(self, i, j):
        count = 0
        for di in (-1, 0, 1):
            for dj in (-1, 0, 1):
                if di == 0 and dj == 0:
                    continue
                a, b = i + di, j + dj
                if 0 <= a < self.n and 0 <= b < self.n:
                    count += self.cells[a][b]
        return count

    def step(self):
        new = []
        for i in range(self.n):
            row = []
            for j in range(self.n):
                around = self.neighbours(i, j)
                if (self.cells[i][j] == 1 and around in (2, 3)) or (self.cells[i][j] == 0 and around == 3):
                    row.append(1)
                else:
                    row.append(0)
            new.append(row)
        self.cells = new
        self.steps += 1
        return sum(map(sum, new))

    def energy(self, weight):
        total = 0.0
        for i in range(self.n - 1):
            for j in range(self.n):
                total += weight * self.cells[i][j] * self.cells[i + 1][j]
        return total


def unique(items):
    seen = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def common(left, right):
    out = []
    for x in left:
        if x in right and x not in out:
            out.append(x)
    return out


def count_words(text):
    counts = {}
    for word in text.split():
        word = word.strip(".,;").lower()
        if not word:
            continue
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts


def top(counts, k):
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, _ in ordered[:k]]


def best(scores):
    name, highest = None, None
    for key, value in scores:
        if highest is None or value > highest:
            name, highest = key, value
    return name, highest


def moving_mean(values, width):
    if width <= 0:
        raise ValueError("width must be positive")
    out = []
    for i in range(len(values) - width + 1):
        out.append(sum(values[i : i + width]) / width)
    return out


def primes(n):
    found = []
    for k in range(2, n):
        for p in found:
            if p * p > k:
                found.append(k)
                break
            if k % p == 0:
                break
        else:
            found.append(k)
    return found


def collatz(n):
    length = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        length += 1
    return length


def edit_distance(a, b):
    previous = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        current = [i]
        for j in range(1, len(b) + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost))
        previous = current
    return previous[-1]


def shortest(graph, start):
    distances = {start: 0}
    queue = [(0, start)]
    while queue:
        d, node = heapq.heappop(queue)
        if d > distances[node]:
            continue
        for other, weight in graph.get(node, ()):
            candidate = d + weight
            if other not in distances or candidate < distances[other]:
                distances[other] = candidate
                heapq.heappush(queue, (candidate, other))
    return distances


def reachable(graph, start):
    seen = {start}
    order = []
    todo = collections.deque([start])
    while todo:
        node = todo.popleft()
        order.append(node)
        for other, _ in graph.get(node, ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return order


def parse_row(line):
    parts = line.split(",")
    if len(parts) < 3:
        raise KeyError(f"short row: {line}")
    name, amount, flag = parts[0].strip(), parts[1], parts[2]
    return {"name": name, "amount": int(amount), "flag": flag.strip() == "yes"}


def insert_sorted(values, value):
    position = 0
    while position < len(values) and values[position] <= value:
        position += 1
    values.insert(position, value)
    return position


def merge(left, right):
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    out.extend(left[i:])
    out.extend(right[j:])
    return out


def pairs(values, total):
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if values[i] + values[j] == total:
                yield values[i], values[j]


def knapsack(weights, values, capacity):
    best_value = [0] * (capacity + 1)
    for k in range(len(weights)):
        for c in range(capacity, weights[k] - 1, -1):
            candidate = best_value[c - weights[k]] + values[k]
            if candidate > best_value[c]:
                best_value[c] = candidate
    return best_value[capacity]


def scale(array, factor):
    out = np.empty_like(array)
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            out[i, j] = array[i, j] * factor + 1.0
    return out


def histogram(array, bins):
    counts = np.zeros(bins, dtype=np.int64)
    for value in array:
        if 0 <= value < bins:
            counts[value] += 1
    return counts


def relax(array):
    for i in range(1, len(array) - 1):
        array[i] = 0.5 * (array[i - 1] + array[i + 1])


def clipped(values, low, high):
    return [low if v < low else high if v > high else v for v in values]


def group_by_length(words):
    groups = collections.defaultdict(list)
    for word in words:
        groups[len(word)].append(word)
    return groups


def limited(values):
    total = 0
    for value in values:
        if total + value > LIMIT:
            break
        total += value
    return total


def transpose(rows):
    return [[row[i] for row in rows] for i in range(len(rows[0]))] if rows else []


def caesar(text, shift):
    out = []
    for c in text:
        if "a" <= c <= "z":
            out.append(chr((ord(c) - 97 + shift) % 26 + 97))
        else:
            out.append(c)
    return "".join(out)


def main():
    dice = random.Random(11)
    text = "The cat, the dog; a cat and THE bird . sat on a mat, and the dog sat too"
    for n in (3, 5, 8):
        grid = Grid([[dice.randint(0, 1) for _ in range(n)] for _ in range(n)])
        for _ in range(6):
            grid.step()
            grid.energy(dice.uniform(0.5, 2))
    for k in range(24):
        size = dice.randint(0, 14)
        numbers = [dice.randint(-9, 9) for _ in range(size)]
        others = [dice.randint(-9, 9) for _ in range(dice.randint(0, 14))]
        words = [dice.choice(text.split()) for _ in range(size)]
        unique(numbers), unique(words), common(numbers, others)
        counts = count_words(" ".join(words))
        top(counts, k % 5), best(list(zip(words, numbers, strict=False)))
        with contextlib.suppress(ValueError):
            moving_mean([dice.uniform(-5, 5) for _ in range(size)], k % 6)
        primes(dice.randint(0, 120)), collatz(dice.randint(1, 300))
        edit_distance("".join(dice.choices("abc", k=size)), "".join(dice.choices("abc", k=6)))
        graph = {i: [(dice.randint(0, 9), dice.randint(1, 9)) for _ in range(dice.randint(0, 3))] for i in range(8)}
        shortest(graph, k % 8), reachable(graph, k % 8)
        for line in ("ann, 3, yes", "bob,4,no", "eve,5, yes ", "x,y,z", "short,1"):
            with contextlib.suppress(KeyError, ValueError):
                parse_row(line.replace("3", str(k)))
        insert_sorted(sorted(numbers), dice.randint(-9, 9))
        merge(sorted(numbers), sorted(others))
        list(pairs(numbers, dice.randint(-5, 5)))
        weights = [dice.randint(1, 9) for _ in range(1 + size // 2)]
        knapsack(weights, [dice.randint(1, 20) for _ in weights], dice.randint(0, 30))
        matrix = np.array([[dice.uniform(-3, 3) for _ in range(1 + k % 4)] for _ in range(1 + size)])
        scale(matrix, dice.uniform(-2, 2))
        histogram(np.array([dice.randint(-2, 12) for _ in range(size + 1)]), 10)
        relax(np.array([dice.uniform(-1, 1) for _ in range(size + 2)]))
        clipped([float(x) for x in numbers], -3.0, 4.0)
        group_by_length(words), limited([abs(x) for x in numbers])
        transpose([[dice.randint(0, 9) for _ in range(3)] for _ in range(size % 5)])
        caesar("".join(dice.choices("abcxyz ,Q", k=size)), dice.randint(-30, 30))
    use_package(dice)


def use_places(items, dice):
    """Ends, negative places, places beyond, parts of the list."""
    some = dice.choice(items) if items else 0
    for start, stop in ((0, 3), (2, None), (-4, None), (1, -1), (5, 5), (0, 0), (None, 99)):
        with contextlib.suppress(ValueError):
            items.index(some, start, stop)
    for place in (0, -1, -2, len(items), -len(items) - 1, dice.randint(-7, 7)):
        with contextlib.suppress(IndexError):
            items.add(items.pop(place))
        with contextlib.suppress(IndexError):
            del items[place]
        items.add(dice.randint(-2, 92))


def use_package(dice):
    from sortedcontainers import SortedDict, SortedList

    for size in (0, 3, 17, 60):
        items = SortedList(dice.choices(range(90), k=size))
        items._reset(6)
        for _ in range(25):
            value = dice.randint(-2, 92)
            items.add(value), items.bisect_left(value), items.bisect_right(value), items.count(value)
            items.discard(dice.randint(-2, 92))
            len(items) and items.pop(dice.randrange(len(items)))
            list(items.irange(3, 20))
            with contextlib.suppress(ValueError):
                items.index(value), items.remove(value)
            use_places(items, dice)
    table = SortedDict({c: ord(c) for c in "hello world"})
    table.peekitem(0), table.popitem(), table.setdefault("q", 3)


if __name__ == "__main__":
    main()
    sys.exit(0)
