# SPDX-License-Identifier: MIT
"""cxm.py - NPS, CSAT, CES and the other metrics of cxm in CPython: one file, ctypes alone, no compiler, no package.

Put this file beside your own and the shared library where it is found: in CXM_LIBRARY (a path), in a build folder
of this project, or where the system looks (`meson install`).

>>> nps = NPS([10, 9, 9, 7, 3])
>>> nps.value, nps.n, nps.promoters
(40.0, 5, 3)
>>> low, high = nps.interval()
>>> -40 < low < 40 < high < 100
True

States are small and exact: any split of the same answers, merged with + in any order, is the same state.

>>> NPS([10, 9]) + NPS([9, 7, 3]) == nps
True
>>> import pickle
>>> pickle.loads(pickle.dumps(nps)) == nps
True

What is no answer is counted, never dropped: None and NaN are missing, texts are read as cells of a file.

>>> csat = CSAT([5, 4, None, "4 - good", "n/a", "ten", 9])
>>> csat.value, csat.n, csat.missing, csat.unparsed, csat.out_of_range
(1.0, 3, 2, 1, 1)

A result that does not exist raises, and says why:

>>> NPS().value
Traceback (most recent call last):
    ...
cxm.Error: CXM_E_EMPTY: no answers: the result does not exist

Every metric that the library knows is made from a short text, and the library says which there are:

>>> [metric.name for metric in metrics()]
['nps', 'csat', 'ces', 'scale', 'labels', 'sum', 'nps weighted', 'csat weighted', 'ces weighted', 'scale weighted', 'quantile', 'tickets', 'survival', 'customers']
>>> State("scale 0..4 top 3..4 value top", [4, 3, 0, 0]).value
0.5

With the word `weighted` answers carry survey weights, and limits are those of the design that weights make:

>>> poll = State("nps weighted", [10, 9, 7, 3], weights=[0.5, 1.5, 2, 1])
>>> poll.value, poll.n, poll.sum_weights, round(poll.n_eff, 3)
(20.0, 4, 5.0, 3.333)

Percentiles of durations are within 1 % of the exact ones, or 0.1 %, and counts within a target are exact:

>>> waits = Quantile([0.2, 0.3, 0.5, 1.5, 12], targets=[1])
>>> round(waits.value, 2), waits.quantile(1), waits.within(1), waits.mean
(0.5, 12.0, 0.6, 2.9)

Tickets are made of events, a line of text each, in any order and as often as they come; a name asks for one figure of many:

>>> desk = State("tickets zendesk", ["t1,2026-06-01T08:00:00Z,created,customer", "t1,2026-06-01T08:05:00Z,reply,agent",
...                                  "t1,2026-06-01T09:00:00Z,solved,agent"])
>>> desk.value, desk.results()["resolution"], desk.results()["fcr_one_reply"]
(300.0, 3600.0, 1.0)

Tenures are lines, too, exit and whether the customer left, or entry, exit and that; a name asks for any point of the curve:

>>> stay = State("survival", ["2,yes", "3,yes", "3,yes", "1,5,no", None])
>>> stay.value, stay.get("survival:2"), round(stay.get("mean:5"), 3), stay.late, stay.missing
(3.0, 0.75, 3.25, 1, 1)

So are events of customers, customer, time, event and amount; every churn rate of a period has its own name:

>>> shop = State("customers EUR from 2026-02-01 to 2026-03-01", ["a,2026-01-05,signup,10", "b,2026-01-07,signup,20.00", "a,2026-02-20,cancel",
...                                                              "c,2026-02-15,signup,5"])
>>> shop.value, shop.retention, shop.get("grr"), shop.churned, shop.churn_amount, shop.end_amount
(0.5, 0.5, 0.6666666666666666, 1, 1000, 2500)
>>> shop.add("b,2026-03-02,cancel,,,,USD")
Traceback (most recent call last):
    ...
cxm.Error: CXM_E_MISMATCH: the event is in another currency than the state; it is counted as foreign

Threads may share a state: every call holds the interpreter's lock (ctypes.PyDLL), so calls follow each other and none is
lost; for the same reason threads do not count faster than one, processes with a state each do. What takes several calls
(add_many of texts, interval, results) may see another thread's answers in between. A Python built without that lock keeps a
state to one thread at a time, as cxm/state.h says.
"""
import array
import collections
import collections.abc
import contextlib
import ctypes
import ctypes.util
import datetime
import glob
import json
import math
import os
import sys

__all__ = ["State", "NPS", "CSAT", "CES", "Labels", "Sum", "Quantile", "Difference", "Metric", "Field", "Error", "metrics", "load"]

ABI = 1
OK, E_ARG, E_DOMAIN, E_EMPTY, E_UNDEFINED, E_OVERFLOW, E_LIMIT, E_MISMATCH, E_FORMAT, E_METHOD, E_SCALE, END = 0, 1, 2, 3, 4, 5, 8, 10, 11, 13, 14, 17
CONSTANTS = {"CXM_OK": OK, "CXM_E_ARG": E_ARG, "CXM_E_DOMAIN": E_DOMAIN, "CXM_E_EMPTY": E_EMPTY,
             "CXM_E_UNDEFINED": E_UNDEFINED, "CXM_E_OVERFLOW": E_OVERFLOW, "CXM_E_LIMIT": E_LIMIT,
             "CXM_E_MISMATCH": E_MISMATCH, "CXM_E_FORMAT": E_FORMAT, "CXM_E_METHOD": E_METHOD, "CXM_E_SCALE": E_SCALE, "CXM_END": END,
             "CXM_I8": 1, "CXM_U8": 2, "CXM_I32": 3, "CXM_F64": 4, "CXM_ERROR_TEXT": 200, "CXM_STATE_SPEC_MAX": 256}

# --- the structs and calls in use, as the headers have them; tests/bindings/headers.py holds both against each other ---


class _Column(ctypes.Structure):
    """cxm_column"""
    _fields_ = [("size", ctypes.c_uint32), ("type", ctypes.c_int32), ("values", ctypes.c_void_p), ("stride", ctypes.c_int64),
                ("count", ctypes.c_uint64), ("validity", ctypes.c_void_p), ("validity_bit", ctypes.c_uint64)]


class _Error(ctypes.Structure):
    """cxm_error"""
    _fields_ = [("size", ctypes.c_uint32), ("status", ctypes.c_int32), ("row", ctypes.c_uint64), ("byte_offset", ctypes.c_uint64),
                ("column", ctypes.c_uint32), ("text_len", ctypes.c_uint32), ("text", ctypes.c_char * 200)]


class _Difference(ctypes.Structure):
    """cxm_difference"""
    _fields_ = [("size", ctypes.c_uint32), ("method", ctypes.c_int32), ("level", ctypes.c_double), ("difference", ctypes.c_double),
                ("low", ctypes.c_double), ("high", ctypes.c_double), ("se", ctypes.c_double), ("statistic", ctypes.c_double),
                ("df", ctypes.c_double), ("p", ctypes.c_double), ("statistic_kind", ctypes.c_int32),
                ("interval_status", ctypes.c_int32)]


class _Metric(ctypes.Structure):
    """cxm_state_metric"""
    _fields_ = [("size", ctypes.c_uint32), ("kind", ctypes.c_uint32), ("mergeable", ctypes.c_int32), ("removable", ctypes.c_int32),
                ("parameters", ctypes.c_uint32), ("results", ctypes.c_uint32), ("name", ctypes.c_char_p),
                ("definition", ctypes.c_char_p), ("grammar", ctypes.c_char_p), ("unit", ctypes.c_char_p)]


class _Field(ctypes.Structure):
    """cxm_state_field"""
    _fields_ = [("size", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("name", ctypes.c_char_p), ("unit", ctypes.c_char_p),
                ("meaning", ctypes.c_char_p)]


STRUCTS = {"cxm_column": _Column, "cxm_error": _Error, "cxm_difference": _Difference, "cxm_state_metric": _Metric,
           "cxm_state_field": _Field}

_P, _S, _Z, _D, _I32, _U32 = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_double, ctypes.c_int32, ctypes.c_uint32)
_LEN = ctypes.POINTER(_Z)
SIGNATURES = {                              # name: what it returns, what it takes
    "cxm_abi": (_U32, []),
    "cxm_sizeof": (_U32, [_S, _Z]),
    "cxm_status_name": (_S, [_I32]),
    "cxm_status_describe": (_S, [_I32]),
    "cxm_compare_name": (_S, [_I32]),
    "cxm_compare_method": (_I32, [_S, _Z, ctypes.POINTER(_I32)]),
    "cxm_state_create": (_I32, [_S, _Z, _P, ctypes.POINTER(_P), ctypes.POINTER(_Error)]),
    "cxm_state_free": (None, [_P]),
    "cxm_state_spec": (_I32, [_P, _S, _Z, _LEN]),
    "cxm_state_definition": (_I32, [_P, _D, _S, _Z, _LEN]),
    "cxm_state_add": (_I32, [_P, _D]),
    "cxm_state_add_text": (_I32, [_P, _S, _Z]),
    "cxm_state_add_many": (_I32, [_P, ctypes.POINTER(_Column)]),
    "cxm_state_remove": (_I32, [_P, _D]),
    "cxm_state_remove_text": (_I32, [_P, _S, _Z]),
    "cxm_state_add_weighted": (_I32, [_P, _D, _D]),
    "cxm_state_add_text_weighted": (_I32, [_P, _S, _Z, _D]),
    "cxm_state_add_many_weighted": (_I32, [_P, ctypes.POINTER(_Column), ctypes.POINTER(_Column)]),
    "cxm_state_remove_weighted": (_I32, [_P, _D, _D]),
    "cxm_state_remove_text_weighted": (_I32, [_P, _S, _Z, _D]),
    "cxm_state_merge": (_I32, [_P, _P]),
    "cxm_state_encode": (_I32, [_P, _S, _Z, _LEN]),
    "cxm_state_decode": (_I32, [_S, _Z, _S, _Z, _Z, _P, ctypes.POINTER(_P)]),
    "cxm_state_get": (_I32, [_P, _S, _Z, _D, ctypes.POINTER(_D)]),
    "cxm_state_get_count": (_I32, [_P, _S, _Z, ctypes.POINTER(ctypes.c_uint64)]),
    "cxm_state_json": (_I32, [_P, _D, _S, _Z, _LEN]),
    "cxm_state_compare": (_I32, [_P, _P, _I32, _D, ctypes.POINTER(_Difference)]),
    "cxm_state_describe": (_I32, [_U32, ctypes.POINTER(_Metric)]),
    "cxm_state_describe_parameter": (_I32, [_U32, _U32, ctypes.POINTER(_Field)]),
    "cxm_state_describe_result": (_I32, [_U32, _U32, ctypes.POINTER(_Field)]),
}

# --- the library ---

_library = None


def _places():
    """Where the library may be, the likeliest first."""
    if os.environ.get("CXM_LIBRARY"):
        return [os.environ["CXM_LIBRARY"]]
    name = {"darwin": "libcxm.dylib", "win32": "cxm.dll"}.get(sys.platform, "libcxm.so")
    here = os.path.dirname(os.path.abspath(__file__))
    found = [path for folder in (here, os.path.join(here, "..", "..", "build*")) for path in glob.glob(os.path.join(folder, name))]
    return found + [ctypes.util.find_library("cxm") or name]


def load(path=None):
    """Load the library from `path`, or from where it is found; done by itself at first use.

    A library with another ABI, or with structs of another size than this file knows, is refused with ImportError.
    """
    global _library
    errors = []
    for place in [path] if path else _places():
        try:
            library = ctypes.PyDLL(place)               # CDLL lets go of the lock: two threads in one state at once
            break
        except OSError as error:
            errors.append("%s: %s" % (place, error))
    else:
        raise ImportError("no library cxm: set CXM_LIBRARY to the path of libcxm (%s)" % "; ".join(errors))
    for name, (returns, takes) in SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            raise ImportError("%s has no %s: another version" % (library._name, name))
        function.restype, function.argtypes = returns, takes
    if library.cxm_abi() != ABI:
        raise ImportError("%s has ABI %d, this file knows %d" % (library._name, library.cxm_abi(), ABI))
    for name, struct in STRUCTS.items():
        size = library.cxm_sizeof(name.encode(), len(name))
        if size != ctypes.sizeof(struct):
            raise ImportError("%s: %s has %d bytes, this file knows %d" % (library._name, name, size, ctypes.sizeof(struct)))
    _library = library
    return library


def _lib():
    return _library or load()


class Error(Exception):
    """A status that is not CXM_OK: `name` is "CXM_E_EMPTY" and the like, `status` its number."""

    def __init__(self, status, detail=None):
        self.status = status
        self.name = _lib().cxm_status_name(status).decode()
        super().__init__("%s: %s" % (self.name, detail or _lib().cxm_status_describe(status).decode()))


def _check(status, detail=None):
    if status != OK:
        raise Error(status, detail)


def _text(call, *args):
    """What a call writes that tells its length when it is given no room."""
    need, room, cap = ctypes.c_size_t(), None, 0
    while (status := call(*args, room, cap, ctypes.byref(need))) == E_LIMIT:    # again when another thread made it longer
        cap = need.value
        room = ctypes.create_string_buffer(cap)
    _check(status)
    return room.raw[:need.value] if room else b""


# --- what there is ---

Field = collections.namedtuple("Field", "name unit meaning")
Metric = collections.namedtuple("Metric", "name definition grammar unit kind mergeable removable parameters results")


def _fields(call, metric, count):
    fields = []
    for i in range(count):
        field = _Field(size=ctypes.sizeof(_Field))
        _check(call(metric, i, ctypes.byref(field)))
        fields.append(Field(field.name.decode(), field.unit.decode(), field.meaning.decode()))
    return fields


def metrics():
    """Every metric of the loaded library, with its parameters and its results.

    >>> csat = metrics()[1]
    >>> csat.grammar
    'csat [LO..HI] [lower] [top A..B]'
    >>> csat.results[0]
    Field(name='satisfied', unit='answers', meaning='answers in the top boxes')
    """
    found, lib = [], _lib()
    while True:
        metric = _Metric(size=ctypes.sizeof(_Metric))
        status = lib.cxm_state_describe(len(found), ctypes.byref(metric))
        if status == END:
            return found
        _check(status)
        found.append(Metric(metric.name.decode(), metric.definition.decode(), metric.grammar.decode(), metric.unit.decode(),
                            metric.kind, bool(metric.mergeable), bool(metric.removable),
                            _fields(lib.cxm_state_describe_parameter, len(found), metric.parameters),
                            _fields(lib.cxm_state_describe_result, len(found), metric.results)))


_known = {}
_COUNTED = ("answers", "values", "labels", "tickets", "events", "customers", "steps", "minor units a month")    # units of whole numbers


def _results_of(name):
    """Names of a metric's results, each with whether it is a whole number."""
    if name not in _known:
        for metric in metrics():
            _known[metric.name] = {field.name: field.unit in _COUNTED and
                                   field.name not in ("value", "mean") for field in metric.results if ":" not in field.name}
    return _known[name]


# --- columns without copying ---


class _Buffer(ctypes.Structure):
    """Py_buffer of CPython."""
    _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t), ("itemsize", ctypes.c_ssize_t),
                ("readonly", ctypes.c_int), ("ndim", ctypes.c_int), ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p),
                ("strides", ctypes.c_void_p), ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]


_TYPES = {"b": "CXM_I8", "B": "CXM_U8", "c": "CXM_U8", "?": "CXM_U8", "i": "CXM_I32", "l": "CXM_I32", "d": "CXM_F64"}
_SIZES = {"CXM_I8": 1, "CXM_U8": 1, "CXM_I32": 4, "CXM_F64": 8}


def _is_missing(answer):
    """None, or the one masked value that NumPy has."""
    return answer is None or (getattr(answer, "shape", None) == () and bool(getattr(answer, "mask", False)))


def _refuse_dates(values):
    """NumPy's times and complex numbers turn into doubles without a word, or not at all."""
    dtype = getattr(values, "dtype", None)
    if getattr(dtype, "kind", "f") in ("m", "M", "c"):
        raise TypeError("answers are numbers or texts, not %s" % dtype)


def _unmasked(values):
    """The same, as a list where NumPy has masked some: what is masked is None in it."""
    _refuse_dates(values)
    mask = getattr(values, "mask", None)
    return values if mask is None or callable(mask) else values.tolist()


def _number(answer):
    """An answer that is no text, as a double."""
    if type(answer) is float:                                           # most of them, and fast
        return answer
    if _is_missing(answer):
        return math.nan
    _refuse_dates(answer)
    if isinstance(answer, (bytes, bytearray)):
        raise TypeError("an answer is a number, a text or None, not %r: decode it" % (answer,))
    try:
        return float(answer)
    except OverflowError:
        raise ValueError("an answer is a number that a double holds") from None
    except TypeError:
        raise TypeError("an answer is a number, a text or None, not %s" % type(answer).__name__) from None


def _view_of(values):
    """A memoryview whose items the library reads as they lie, copied only if of another type; None for what is no buffer."""
    try:
        view = memoryview(values)
    except TypeError:
        return None
    kind = view.format.lstrip("@=")
    if view.ndim != 1 or view.suboffsets or kind not in "bBc?hHiIlLqQfd":
        return None
    name = _TYPES.get(kind)
    if name and view.itemsize == _SIZES[name] and view.strides[0] != 0:
        return view
    return memoryview(array.array("d", view.tolist()))


def _handle_of(other):
    if not isinstance(other, State):
        raise TypeError("the other one is a state, not %s" % type(other).__name__)
    return other._handle


@contextlib.contextmanager
def _column_of(view):
    """A memoryview as a column, held as long as it is read."""
    buffer = _Buffer()
    get, release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
    get.argtypes, release.argtypes, release.restype = [ctypes.py_object, ctypes.POINTER(_Buffer), ctypes.c_int], None, None
    strided = 0x18                          # PyBUF_STRIDES: readable, shape and strides filled in
    get(view, ctypes.byref(buffer), strided)
    try:
        yield _Column(size=ctypes.sizeof(_Column), type=CONSTANTS[_TYPES[view.format.lstrip("@=")]], values=buffer.buf,
                      stride=view.strides[0], count=view.shape[0])
    finally:
        release(ctypes.byref(buffer))


def _numbers(values):
    """A memoryview of numbers, where they lie or copied."""
    view = _view_of(values)
    return memoryview(array.array("d", map(_number, values))) if view is None else view


def _shortest(number):
    """A number as a spec or the name of a result has it."""
    return repr(_number(number))


_NONE = object()                            # no weight was told: None is one that is missing


_NO_ACCOUNT = ("sum", "tickets", "customers")      # what is no value, or no event, is an error there
_NO_UNPARSED = _NO_ACCOUNT + ("survival",)      # and so is a line that is no tenure; a blank one is counted
_TEXTS = ("labels", "survival")       # no columns of numbers, not even of missing ones


class State:
    """Any metric: made from its spec, fed with answers, asked for results by name.

    >>> effort = State("ces 1..5 lower")
    >>> effort.add(2), effort.add("3"), effort.add(7)
    (True, True, False)
    >>> effort.value, effort.out_of_range, effort.spec
    (2.5, 1, 'ces 1..5 lower')
    >>> effort.get("count:3")
    1.0
    >>> sorted(effort.results())[:4]
    ['bottom', 'bottom_share', 'difficult', 'easy']
    """

    __slots__ = ("_handle", "_metric", "level", "__weakref__")          # alone: a result cannot be shadowed

    def __init__(self, spec, answers=(), level=0.95, weights=None):
        handle, error = ctypes.c_void_p(), _Error(size=ctypes.sizeof(_Error))
        text = spec.encode()
        status = _lib().cxm_state_create(text, len(text), None, ctypes.byref(handle), ctypes.byref(error))
        detail = "%r at byte %d: %s" % (spec, error.byte_offset, error.text.decode()) if error.text_len else None
        _check(status, detail)
        self._own(handle, level)
        self.add_many(answers, weights)

    def _own(self, handle, level):
        self._handle, self.level = handle, level
        words = self.spec.split()
        self._metric = words[0] + " weighted" * (words[1:2] == ["weighted"])

    def __del__(self):
        if getattr(self, "_handle", None) and _library:
            _library.cxm_state_free(self._handle)
            self._handle = None

    # --- answers ---

    def _counted(self, status):
        """Whether the answer counts; what is out of range or unparsed is in the account, but a sum has none, nor have events, and tenures none of texts."""
        if status == E_DOMAIN or (status == E_FORMAT and self._metric not in _NO_UNPARSED):
            return False
        _check(status, "the event is in another currency than the state; it is counted as foreign" if status == E_MISMATCH else None)
        return True

    def _one(self, answer, weight, call):
        """Calls add or remove of the library, in the form that fits."""
        if self._metric in _NO_ACCOUNT and weight is _NONE and _is_missing(answer):
            return False
        text = isinstance(answer, str)
        name = call + "_text" * text + "_weighted" * (weight is not _NONE)
        weights = [] if weight is _NONE else [_number(weight)]
        cell = answer.encode("utf-8", "surrogateescape") if text else None
        args = [cell, len(cell)] if text else [_number(answer)]
        if self._metric == "labels" and not text and args[0] == args[0]:
            raise TypeError("labels are texts, or None for a missing one, not %r" % (answer,))
        status = getattr(_lib(), name)(self._handle, *args, *weights)
        if weights:
            self._check_weighted(status)
        return self._counted(status)

    def _check_weighted(self, status):
        if status == E_METHOD:
            raise Error(status, "%s takes no weights: say `weighted` in its spec" % self._metric)

    def add(self, answer, weight=_NONE):
        """Count one answer: a number, None or NaN for a missing one, or a text. True if it counts, False if it is in the
        account as out of range, unparsed, or refused for its weight. Where the spec says `weighted` an answer has a weight, 1
        unless told; None, NaN, negative and infinite weights are refused. A sum has no account: it leaves out None (False),
        NaN is a value of it, and a text that is no number raises.

        >>> poll = State("nps weighted")
        >>> poll.add(10, 0.5), poll.add("9", 1), poll.add(3), poll.add(4, None), poll.add(4, -1)
        (True, True, True, False, False)
        >>> poll.value, poll.n, poll.refused
        (20.0, 3, 2)
        >>> NPS().add(10, 0.5)
        Traceback (most recent call last):
            ...
        cxm.Error: CXM_E_METHOD: nps takes no weights: say `weighted` in its spec
        """
        return self._one(answer, weight, "cxm_state_add")

    def remove(self, answer, weight=_NONE):
        """Take back one answer that was added, with its weight, exactly.

        >>> nps = NPS([9, 3, "odd"])
        >>> nps.remove("odd"), nps.remove(3), nps == NPS([9])
        (False, True, True)
        >>> nps.remove(3)
        Traceback (most recent call last):
            ...
        cxm.Error: CXM_E_UNDERFLOW: removal of an answer that was never added
        """
        return self._one(answer, weight, "cxm_state_remove")

    def add_many(self, answers, weights=None):
        """Count many: any iterable of what add takes. One-dimensional buffers (bytes, array.array, memoryview, NumPy arrays)
        of 8-bit or 32-bit integers or of doubles are read where they lie, strides and all; of other numbers after a copy. What
        NumPy has masked is missing; its times and complex numbers are a TypeError. When it raises, none of a column or of
        numbers is counted; of many with texts among them, and of labels, those before the one that raised are.
        `weights` are as many as the answers, for a spec that says `weighted`.

        >>> import array
        >>> NPS(bytes([10, 9, 0])) == NPS(array.array("d", [10, 9, 0])) == NPS(iter([10, 9, 0]))
        True
        """
        if isinstance(answers, str):
            raise TypeError("one text is one answer: add it with add()")
        answers = _unmasked(answers)
        if weights is not None:
            return self._add_weighted(answers, _unmasked(weights))
        view = None if self._metric in _TEXTS else _view_of(answers)
        if view is not None:
            return self._add_view(view)
        answers = [answer for answer in answers if self._metric not in _NO_ACCOUNT or not _is_missing(answer)]
        if self._metric in _TEXTS or any(isinstance(answer, str) for answer in answers):
            for answer in answers:
                self.add(answer)
        elif answers:
            self._add_view(_numbers(answers))
        return None

    def _add_view(self, view):
        with _column_of(view) as column:
            _check(_lib().cxm_state_add_many(self._handle, ctypes.byref(column)))

    def _add_weighted(self, answers, weights):
        answers, weights = (values if _view_of(values) is not None else list(values) for values in (answers, weights))
        if len(answers) != len(weights):
            raise ValueError("%d answers and %d weights" % (len(answers), len(weights)))
        if isinstance(answers, list) and any(isinstance(answer, str) for answer in answers):
            for answer, weight in zip(answers, weights):
                self.add(answer, weight)
            return
        with _column_of(_numbers(answers)) as column, _column_of(_numbers(weights)) as heavy:
            status = _lib().cxm_state_add_many_weighted(self._handle, ctypes.byref(column), ctypes.byref(heavy))
        self._check_weighted(status)
        _check(status)

    # --- merging and travelling ---

    def merge(self, other):
        """Add all that `other` holds; scale and bands must agree.

        >>> NPS([9]).merge(CSAT([5]))
        Traceback (most recent call last):
            ...
        cxm.Error: CXM_E_MISMATCH: two states have different specs
        """
        _check(_lib().cxm_state_merge(self._handle, _handle_of(other)))

    def copy(self):
        return self._from(self.encode(), self.spec, self.level)

    def __iadd__(self, other):
        if not isinstance(other, State):
            return NotImplemented
        self.merge(other)
        return self

    def __add__(self, other):
        if not isinstance(other, State):
            return NotImplemented
        both = self.copy()
        both.merge(other)
        return both

    def __radd__(self, other):
        """So that sum(states) works."""
        return self.copy() if other == 0 else NotImplemented

    def encode(self):
        """The state as canonical bytes: equal states give equal bytes. They are a BLOB in SQLite; `cxm score` and `cxm merge`
        read such bytes from a file, all but those of a sum."""
        return _text(_lib().cxm_state_encode, self._handle)

    __bytes__ = encode

    @classmethod
    def _from(cls, data, spec, level):
        handle = ctypes.c_void_p()
        text = spec.encode() if spec is not None else None
        _check(_lib().cxm_state_decode(data, len(data), text, len(text or b""), 0, None, ctypes.byref(handle)))
        state = cls.__new__(cls)
        state._own(handle, level)
        return state

    @staticmethod
    def decode(data, spec=None, level=0.95):
        """A state from its bytes, which are not trusted. Without a spec the metric is recognised from scale and bands.

        >>> State.decode(NPS([9, 9, 1]).encode()).detractors
        1
        >>> State.decode(b"CXM")
        Traceback (most recent call last):
            ...
        cxm.Error: CXM_E_FORMAT: the text or bytes do not follow the expected form
        """
        state = State._from(bytes(memoryview(data)), spec, level)
        state.__class__ = _CLASSES.get(state._metric, State)
        return state

    def __reduce__(self):
        return _restore, (type(self), self.encode(), self.spec, self.level)

    def __eq__(self, other):
        if not isinstance(other, State):
            return NotImplemented
        return self.encode() == other.encode()

    __hash__ = None

    # --- results ---

    @property
    def spec(self):
        """The spec in its canonical spelling."""
        return _text(_lib().cxm_state_spec, self._handle).decode()

    @property
    def definition(self):
        """One sentence that says what the value is.

        >>> NPS().definition
        'NPS = 100 x (answers 9..10 - answers 0..6) / all answers 0..10, higher is better; score interval at level 0.95'
        """
        return _text(_lib().cxm_state_definition, self._handle, self.level).decode()

    def get(self, name, level=None):
        """One result by name: "value", "low", "count:9", "share:positive"."""
        out, key = ctypes.c_double(), name.encode("utf-8", "surrogateescape")
        _check(_lib().cxm_state_get(self._handle, key, len(key), self.level if level is None else level, ctypes.byref(out)))
        return out.value

    def __getattr__(self, name):
        if name.startswith("_") or name == "level":
            raise AttributeError(name)
        known = _results_of(self._metric)
        if name not in known:
            raise AttributeError("%s has no result %r" % (self._metric, name))
        return self._count(name) if known[name] else self.get(name)

    def _count(self, name):
        """A count, whole where a double would round it."""
        count, key = ctypes.c_uint64(), name.encode()
        _check(_lib().cxm_state_get_count(self._handle, key, len(key), ctypes.byref(count)))
        return count.value

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(_results_of(self._metric)))

    def interval(self, level=None):
        """Both limits of the value; a sum has none."""
        if "low" not in _results_of(self._metric):
            raise TypeError("%s has no interval" % self._metric)
        return self.get("low", level), self.get("high", level)

    def results(self):
        """Every result by name; None for one that does not exist."""
        found = {}
        for name in _results_of(self._metric):
            try:
                found[name] = getattr(self, name)
            except Error as error:
                if error.status not in (E_EMPTY, E_UNDEFINED, E_LIMIT):
                    raise
                found[name] = None
        return found

    def json(self, level=None):
        """What `cxm score --json` writes of a result, as text.

        >>> NPS([10, 0]).json()[:60]
        '{"metric":"nps","segment":{},"window":null,"n":2,"value":0,"'
        """
        return _text(_lib().cxm_state_json, self._handle, self.level if level is None else level).decode()

    def as_dict(self, level=None):
        return json.loads(self.json(level))

    def compare(self, other, level=None, method="default"):
        """The value of this state less that of `other`.

        >>> gap = NPS([10] * 40 + [3] * 10).compare(NPS([10] * 20 + [3] * 30))
        >>> gap.difference, gap.method, gap.p < 0.001, gap.proven
        (80.0, 'mover', True, True)
        """
        lib, number, out = _lib(), ctypes.c_int32(), _Difference(size=ctypes.sizeof(_Difference))
        name = method.encode()
        _check(lib.cxm_compare_method(name, len(name), ctypes.byref(number)), "no comparison called %r" % method)
        level = self.level if level is None else level
        _check(lib.cxm_state_compare(self._handle, _handle_of(other), number, level, ctypes.byref(out)))
        return Difference(out.difference, out.low, out.high, out.level, out.se, out.p, lib.cxm_compare_name(out.method).decode())

    def __repr__(self):
        try:
            value = "%.6g" % self.value
        except Error as error:
            value = error.name
        return "<%s %s, n %d>" % (self.spec, value, self.n)


class Difference(collections.namedtuple("Difference", "difference low high level se p method")):
    """A difference with its limits at `level`, its standard error and a two-sided p. NaN limits: the method has none."""
    __slots__ = ()

    @property
    def proven(self):
        return self.p < 1.0 - self.level


class NPS(State):
    """Net Promoter Score in points, on 0..10, or on 1..5 or 1..4 by their own bands.

    >>> NPS([5, 5, 4, 1], scale="1..5")
    <nps 1..5 25, n 4>
    """

    __slots__ = ()

    def __init__(self, answers=(), scale="0..10", level=0.95):
        super().__init__("nps " + scale, answers, level)


class CSAT(State):
    """Customer satisfaction: satisfied / answers. `top` says which answers are satisfied where the scale does not.

    >>> CSAT([10, 9, 8, 1], scale="1..10", top="9..10")
    <csat 1..10 top 9..10 0.5, n 4>
    """

    __slots__ = ()

    def __init__(self, answers=(), scale="1..5", top=None, level=0.95):
        super().__init__("csat " + scale + (" top " + top if top else ""), answers, level)


class CES(State):
    """Customer Effort Score: the mean answer. `lower` where lower answers are better.

    >>> CES([1, 2, 3], scale="1..5", lower=True)
    <ces 1..5 lower 2, n 3>
    """

    __slots__ = ()

    def __init__(self, answers=(), scale="1..7", lower=False, level=0.95):
        super().__init__("ces " + scale + (" lower" if lower else ""), answers, level)


class Labels(State):
    """Shares of words, and the net of "positive" and "negative".

    >>> mood = Labels(["positive", "positive", "neutral", "negative"])
    >>> mood.value, mood.get("share:neutral"), mood.labels
    (0.25, 0.25, 3)
    >>> Labels([1, 2])
    Traceback (most recent call last):
        ...
    TypeError: labels are texts, or None for a missing one, not 1
    >>> [row["label"] for row in mood.as_dict()["labels"]]
    ['negative', 'neutral', 'positive']
    """

    __slots__ = ()

    def __init__(self, answers=(), max_labels=64, max_bytes=256, level=0.95):
        super().__init__("labels max %d bytes %d" % (max_labels, max_bytes), answers, level)


class Sum(State):
    """The exact sum of numbers, whatever their order.

    >>> Sum([1e308, 1, -1e308]).value, Sum([0.1] * 10).value
    (1.0, 1.0)

    None is left out, as NULL is in SQL; NaN is a value, after which the sum is none:

    >>> total = Sum([1, None])
    >>> total.value, total.n, Sum([1, math.nan]).results()["value"]
    (1.0, 1, None)
    """

    __slots__ = ()

    def __init__(self, answers=(), level=0.95):
        super().__init__("sum", answers, level)


_SECOND = datetime.timedelta(seconds=1)
_UNITS = {"us": datetime.timedelta(microseconds=1), "ms": datetime.timedelta(milliseconds=1), "s": _SECOND, "min": 60 * _SECOND,
          "h": 3600 * _SECOND}


def _is_durations(values):
    """Whether this is a column or a value of NumPy's durations; those without a unit are none."""
    dtype = getattr(values, "dtype", None)
    return getattr(dtype, "kind", None) == "m" and str(dtype) != "timedelta64"


def _in_units(durations, unit):
    """A column of NumPy or pandas as doubles; what is masked, or no time, is NaN."""
    if unit is None:
        _refuse_dates(durations)
    column = durations.to_numpy() if hasattr(durations, "to_numpy") else durations
    one, mask = column.dtype.type(unit), getattr(column, "mask", None)  # timedelta64 of any resolution divide, objects do not
    if mask is None:
        return column / one
    numbers = column.data / one
    numbers[mask] = math.nan
    return numbers


class Quantile(State):
    """Percentiles: of durations, told and answered in `unit`, or of numbers with so many `decimals`; no quantile is off by
    more than `precision` of itself, 0.01 or 0.001. Its value is the median.

    >>> waits = Quantile([120, 340, 95, 2100], unit="ms", targets=[500])        # its median is 230
    >>> waits
    <quantile ms 0.01 above 500 231.167, n 4>
    >>> waits.within(500), waits.max, waits.sum
    (0.75, 2100.0, 2655.0)

    A datetime.timedelta is turned into the unit, and so are the timedelta64 of NumPy and pandas; NaT is missing:

    >>> waits.add(datetime.timedelta(seconds=3)), waits.max
    (True, 3000.0)

    What is negative or infinite is in the account alone:

    >>> waits.add(-1), waits.n, waits.out_of_range
    (False, 5, 1)

    Up to four `targets`, rising, have an exact count; `range` is (low, high), and values outside it keep their rank alone. All
    of them are in the unit. Bytes of durations have no unit: State.decode tells them in seconds unless its spec names another.

    >>> seconds = State.decode(waits.encode())
    >>> seconds.spec, seconds.max, seconds == waits
    ('quantile s 0.01 above 0.5', 3.0, True)

    Once a value was removed, min and max are within the precision only, which the bytes say: they are others than those of a
    state that never had it.
    """

    __slots__ = ()

    def __init__(self, answers=(), unit="s", precision=0.01, range=None, targets=(), decimals=None, level=0.95):
        if decimals is None and unit not in _UNITS:
            raise ValueError("a unit is one of %s, not %r" % (", ".join(_UNITS), unit))
        told = _UNITS[unit] if decimals is None else None
        words = ["quantile", unit if decimals is None else "decimals %d" % decimals, _shortest(precision)]
        if range is not None:
            words += ["range", "..".join(_shortest(self._in(bound, told)) for bound in range)]
        bounds = [_shortest(self._in(target, told)) for target in targets]
        super().__init__(" ".join(words + ["above"] * bool(bounds) + bounds), answers, level)

    @property
    def _unit(self):
        """One of its unit; None of numbers."""
        return _UNITS.get(self.spec.split()[1])

    @staticmethod
    def _in(value, unit):
        """A duration as a number of its unit; whatever else it is, as it is."""
        if type(value) is float:
            return value
        if isinstance(value, datetime.timedelta):
            if unit is None:
                raise TypeError("answers are numbers of so many decimals, not durations")
            return value / unit
        if type(value).__name__ == "NaTType":                           # of pandas
            return math.nan
        return float(_in_units(value, unit)) if _is_durations(value) else value

    def _one(self, answer, weight, call):
        if not isinstance(answer, (float, int, str)):
            answer = self._in(answer, self._unit)
        return super()._one(answer, weight, call)

    def add_many(self, answers, weights=None):
        """As State.add_many, and of durations: columns of NumPy and pandas are turned as a whole.

        >>> Quantile([datetime.timedelta(minutes=1), 30, None], unit="min").results()["max"]
        30.0
        """
        if _is_durations(answers):
            answers = _in_units(answers, self._unit)
        elif not isinstance(answers, str):
            answers, unit = _unmasked(answers), self._unit
            view = _view_of(answers)
            answers = [self._in(answer, unit) for answer in answers] if view is None else view
        super().add_many(answers, weights)

    def quantile(self, q):
        """The quantile at the share q, 0..1, of type 7, as NumPy and spreadsheets have it.

        >>> Quantile(range(1, 101), decimals=0).quantile(0.25)
        25.75
        """
        return self._at("quantile", q)

    def quantile_interval(self, q, level=None):
        """Both limits of that quantile, from order statistics: whatever the distribution is.

        >>> Quantile(range(1, 101), decimals=0).quantile_interval(0.5)
        (40.0, 61.0)
        """
        return self._at("low", q, level), self._at("high", q, level)

    def within(self, t):
        """The share of values at or below t, exactly where t is one of the targets."""
        return self.get("within:" + _shortest(self._in(t, self._unit)))

    def _at(self, name, q, level=None):
        q = _number(q)
        if not 0 <= q <= 1:
            raise Error(E_ARG, "the share of a quantile is 0..1, not %r" % q)
        return self.get("%s:%r" % (name, q), level)


_CLASSES = {"nps": NPS, "csat": CSAT, "ces": CES, "labels": Labels, "sum": Sum, "quantile": Quantile}


def _restore(cls, data, spec, level):
    return cls._from(data, spec, level)
