package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The exported declarations of public packages name no internal types, which other modules could not use.
func TestPublicAPI(t *testing.T) {
	t.Parallel()
	for _, name := range public {
		files, err := filepath.Glob(filepath.Join("..", name, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", name, len(files), err)
		}
		for _, at := range files {
			if strings.HasSuffix(at, "_test.go") {
				continue
			}
			text, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range internalsNamed(t, at, text) {
				t.Errorf("%s: %s", at, found)
			}
		}
	}
}

// internalsNamed returns the exported declarations that name a package under internal in a signature, a type, an exported
// field or the doc comment.
func internalsNamed(t *testing.T, name string, text []byte) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	internal := map[string]bool{}
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(p, ours+"pkg/internal/") {
			internal[filepath.Base(p)] = true
		}
	}
	f := face{internal: internal}
	for _, decl := range file.Decls {
		f.decl(decl)
	}
	return f.found
}

type face struct {
	internal map[string]bool // by the package's name
	found    []string
}

var qualified = regexp.MustCompile(`\b([a-z]+)\.[A-Z]\w*`)

func (f *face) doc(of string, group *ast.CommentGroup) {
	for _, match := range qualified.FindAllStringSubmatch(group.Text(), -1) {
		if f.internal[match[1]] {
			f.found = append(f.found, of+": its comment names "+match[0])
		}
	}
}

func (f *face) decl(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || d.Recv != nil && !exportedReceiver(d.Recv) {
			return
		}
		f.doc(d.Name.Name, d.Doc)
		f.types(d.Name.Name, d.Type)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					f.doc(s.Name.Name, d.Doc)
					f.types(s.Name.Name, s.Type)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && s.Type != nil {
					f.types(s.Names[0].Name, s.Type)
				}
			}
		}
	}
}

func exportedReceiver(list *ast.FieldList) bool {
	expr := list.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	name, ok := expr.(*ast.Ident)
	return !ok || name.IsExported()
}

// types examines a type without its unexported fields.
func (f *face) types(of string, node ast.Node) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if len(n.Names) > 0 && !n.Names[0].IsExported() && isStruct(node) {
				return false
			}
			f.doc(of, n.Doc)
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && f.internal[x.Name] {
				f.found = append(f.found, of+" names "+x.Name+"."+n.Sel.Name)
			}
		}
		return true
	})
}

func isStruct(node ast.Node) bool {
	_, ok := node.(*ast.StructType)
	return ok
}

// TestPublicAPIRules tests the check of TestPublicAPI.
func TestPublicAPIRules(t *testing.T) {
	t.Parallel()
	const head = "package x\nimport \"github.com/daypass/daypass/pkg/internal/lock\"\n"
	for _, text := range []string{
		"func F(l lock.Lock) {}", "func (t T) F() *lock.Lock { return nil }", "type T struct{ L lock.Lock }", "type T struct{ lock.Lock }",
		"type T = lock.Lock", "type T interface{ F(lock.Lock) }", "var V lock.Lock", "// F is like lock.Acquire.\nfunc F() {}",
	} {
		if len(internalsNamed(t, "x.go", []byte(head+text))) == 0 {
			t.Errorf("%s passes", text)
		}
	}
	for _, text := range []string{
		"func f(l lock.Lock) {}", "type T struct{ l lock.Lock }", "func (t t) F(lock.Lock) {}", "func F() { lock.Acquire() }", "var ErrX = lock.ErrX",
	} {
		if found := internalsNamed(t, "x.go", []byte(head+text)); len(found) > 0 {
			t.Errorf("%s: %v", text, found)
		}
	}
}
