package postgres

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// PostgreSQL keeps the names of windows in its tree. The neutral tree has none:
// what a name stands for is lowered anew wherever it is used, so that the rules
// judge each window where it is.

// maxCopied bounds the expressions that named windows come to, beyond those
// that the text layer lets through.
const maxCopied = 4_000

// windowNames are the windows that a SELECT names, in their order.
type windowNames struct {
	name       string
	definition *fastjson.Value
	before     *windowNames
}

func (n *windowNames) find(name string) *windowNames {
	for ; n != nil; n = n.before {
		if n.name == name {
			return n
		}
	}
	return nil
}

// windowClause notes the windows of a SELECT. Each is lowered once here, so that
// one which nobody uses is judged too.
func (l *lowering) windowClause(v *fastjson.Value) {
	for _, item := range l.array(v) {
		kind, body := l.node(item)
		l.require("WINDOW", kind == "WindowDef")
		if l.err != nil {
			return
		}
		name := string(body.GetStringBytes("name"))
		if name == "" || l.windows.find(name) != nil {
			l.unsupported(ruleSyntax, "window %q without a name or defined twice", name)
			return
		}
		l.copied(func() { l.windowOf(&windowNames{definition: body, before: l.windows}) })
		l.windows = &windowNames{name: name, definition: body, before: l.windows}
	}
}

// copied counts the expressions that are lowered while it runs.
func (l *lowering) copied(lower func()) {
	within := l.copying
	l.copying = true
	lower()
	l.copying = within
}

// copiedOne counts one of them.
func (l *lowering) copiedOne() {
	if l.copies++; l.copies > maxCopied {
		l.unsupported(ruleDepth, "%d expressions in named windows", l.copies)
	}
}

// window lowers OVER w and OVER (…).
func (l *lowering) window(v *fastjson.Value, c tree.Call) tree.Expr {
	w := &tree.Window{}
	if name := v.GetStringBytes("name"); name != nil {
		l.fields(v, "OVER", func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "name":
			case "frameOptions": // that of no frame
				return l.integer(v) == defaultFrame
			default:
				return false
			}
			return true
		})
		named := l.windows.find(string(name))
		if named == nil {
			l.unsupported(ruleSyntax, "window %q, which nobody defines", name)
			return w
		}
		l.copied(func() { w = l.windowOf(named) })
	} else {
		w = l.windowOf(&windowNames{definition: v, before: l.windows})
	}
	w.Call = c
	return w
}

// windowOf lowers a definition, which may build on one before it: that gives
// PARTITION BY and, if this one has none, ORDER BY.
func (l *lowering) windowOf(n *windowNames) *tree.Window {
	w := &tree.Window{}
	frame := 0
	var start, end tree.Expr
	l.fields(n.definition, "OVER", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "name":
		case "refname":
			l.base(w, l.text(v), n)
		case "partitionClause":
			l.require("window without a PARTITION BY of its own", w.Partition == nil)
			w.Partition = l.exprs(v)
		case "orderClause":
			l.require("window with one ORDER BY", w.Order == nil)
			w.Order = l.orders(v, nil)
		case "frameOptions":
			frame = l.integer(v)
		case "startOffset":
			start = l.expr(v)
		case "endOffset":
			end = l.expr(v)
		default:
			return false
		}
		return true
	})
	l.frame(w, frame, start, end)
	return w
}

// base takes over the window on which another one builds: one with a frame, or
// that leaves PARTITION BY to the other, is an error to PostgreSQL too.
func (l *lowering) base(w *tree.Window, name string, n *windowNames) {
	named := n.before.find(name)
	switch {
	case l.err != nil:
		return
	case named == nil:
		l.unsupported(ruleSyntax, "window %q, which nobody has defined before", name)
		return
	case n.definition.Get("partitionClause") != nil:
		l.unsupported(ruleSyntax, "PARTITION BY of a window that builds on %q", name)
		return
	case named.definition.GetInt("frameOptions") != defaultFrame:
		l.unsupported(ruleSyntax, "window that builds on %q, which has a frame", name)
		return
	}
	l.copied(func() {
		from := l.windowOf(named)
		w.Partition, w.Order = from.Partition, from.Order
	})
}

// The bits of a frame (src/include/nodes/parsenodes.h of PostgreSQL).
const (
	frameNonDefault = 1 << iota
	frameRange
	frameRows
	frameGroups
	frameBetween
	startUnboundedPreceding
	endUnboundedPreceding
	startUnboundedFollowing
	endUnboundedFollowing
	startCurrentRow
	endCurrentRow
	startPreceding
	endPreceding
	startFollowing
	endFollowing
	excludeCurrentRow
	excludeGroup
	excludeTies
)

// defaultFrame is that of a window which is given none.
const defaultFrame = frameRange | startUnboundedPreceding | endCurrentRow

// frame lowers the frame of a window.
func (l *lowering) frame(w *tree.Window, frame int, start, end tree.Expr) {
	frame &^= frameNonDefault | frameBetween
	unit := l.bit(&frame, map[int]string{frameRange: "RANGE", frameRows: "ROWS", frameGroups: "GROUPS"})
	w.Start = tree.Bound{Unit: unit, Offset: start, Kind: l.bit(&frame, map[int]string{
		startUnboundedPreceding: "UNBOUNDED PRECEDING", startCurrentRow: "CURRENT ROW", startPreceding: "PRECEDING", startFollowing: "FOLLOWING",
	})}
	w.End = tree.Bound{Unit: unit, Offset: end, Kind: l.bit(&frame, map[int]string{
		endUnboundedFollowing: "UNBOUNDED FOLLOWING", endCurrentRow: "CURRENT ROW", endPreceding: "PRECEDING", endFollowing: "FOLLOWING",
	})}
	if frame != 0 {
		w.Exclude = l.bit(&frame, map[int]string{excludeCurrentRow: "CURRENT ROW", excludeGroup: "GROUP", excludeTies: "TIES"})
	}
	l.require("frame", frame == 0 && completeBound(w.Start) && completeBound(w.End))
}

// bit takes the one bit of a choice out of a mask.
func (l *lowering) bit(mask *int, names map[int]string) string {
	found := ""
	for bit, name := range names {
		if *mask&bit == 0 {
			continue
		}
		l.require("frame", found == "")
		found = name
		*mask &^= bit
	}
	l.require("frame", found != "")
	return found
}

// completeBound reports whether a bound has an offset if its kind wants one.
func completeBound(b tree.Bound) bool {
	return (b.Offset != nil) == (b.Kind == "PRECEDING" || b.Kind == "FOLLOWING")
}
