package policy

import (
	"strings"
	"testing"
	"time"
)

// FuzzEvaluate checks that nothing panics, that no decision contradicts its reasons, that a Deny of everything always
// wins, and that an added Deny never allows anything.
func FuzzEvaluate(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Statement":{`+anything+`}}`), "s3:GetObject", "arn:aws:s3:::b/k", "a:k", "v")
	f.Add([]byte(`{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Allow","NotAction":["s3:?et*"],"Resource":"arn:aws:s3:::b/${a:k, 'd'}/*${*}"}]}`), "s3:Put", "arn:aws:s3:::b/v/x*", "A:K", "v*")
	for _, row := range conditionRows[:20] {
		f.Add([]byte(`{"Version":"2012-10-17","Statement":{`+anything+`,"Condition":{"`+row.operator+`":{"a:k":"`+row.want[0]+`"}}}}`), "a:b", "", "a:k", "x")
	}
	f.Add([]byte(`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333"]},"Action":"*"}}`), "sts:AssumeRole", "", "\xff", "\xff")
	f.Add([]byte(`{"Statement":{`+anything+`,"Condition":{"NotIpAddress":{"a:k":["::ffff:1.2.3.4/120","fe80::1%e"]}}}}`), "a:b", "", "a:k", "::1%x")
	denyAll := Document{Statements: []Statement{{Effect: Deny, Action: []string{"*"}}}}
	f.Fuzz(func(t *testing.T, text []byte, action, resource, key, value string) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		r := Request{Principal: Principal{AWS: []string{value}}, Action: action, Resource: resource, Context: Context{key: {value}}}
		got := d.Evaluate(r)
		check(t, d, got)
		if all := Decide(r, []Document{d, denyAll}); all.Effect != Deny {
			t.Errorf("with a Deny of everything: %q", all.Effect)
		}
		turned := Document{Version: d.Version, Statements: append([]Statement(nil), d.Statements...)}
		for i := range turned.Statements {
			turned.Statements[i].Effect = Deny
		}
		if with := Decide(r, []Document{d, turned}); with.Allowed() {
			t.Errorf("%s\nallows although the same statements deny", text)
		}
	})
}

// check reports contradictions between a decision and its reasons.
func check(t *testing.T, d Document, got Decision) {
	t.Helper()
	matched := map[Effect]bool{}
	for _, reason := range got.Reasons {
		if reason.Matched != (reason.Detail == "") {
			t.Errorf("matched = %v with detail %q", reason.Matched, reason.Detail)
		}
		matched[reason.Effect] = matched[reason.Effect] || reason.Matched
	}
	want := NoMatch
	if matched[Allow] {
		want = Allow
	}
	if matched[Deny] {
		want = Deny
	}
	if got.Effect != want || len(got.Reasons) != len(d.Statements) || strings.Count(got.Explain(), "\n") > len(got.Reasons) {
		t.Errorf("effect %q, want %q\n%s", got.Effect, want, got.Explain())
	}
}

// FuzzMatch compares the wildcard matcher with a simple recursive one.
func FuzzMatch(f *testing.F) {
	f.Add("a*b?c*", "axxbyc")
	f.Add("**?", "")
	f.Add("*\xff", "\xfe\xff")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 24 {
			return
		}
		if got, want := parseWild(pattern).match(runes(text)), slowMatch(parseWild(pattern), runes(text)); got != want {
			t.Errorf("match(%q, %q) = %v, want %v", pattern, text, got, want)
		}
	})
}

func slowMatch(p pattern, text []rune) bool {
	switch {
	case len(p) == 0:
		return len(text) == 0
	case p[0] == anyRun:
		return slowMatch(p[1:], text) || len(text) > 0 && slowMatch(p, text[1:])
	}
	return len(text) > 0 && (p[0] == anyOne || p[0] == text[0]) && slowMatch(p[1:], text[1:])
}

// Matching takes polynomial time: with exponential backtracking, two thousand "*a" against a key of a's would never
// end.
func TestMatchIsNotExponential(t *testing.T) {
	t.Parallel()
	done := make(chan bool, 1)
	go func() { done <- parseWild(strings.Repeat("*a", 2000) + "*b").match(runes(strings.Repeat("a", 4000))) }()
	select {
	case got := <-done:
		if got {
			t.Error("matched, want no match")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("still matching after 30 s")
	}
}
