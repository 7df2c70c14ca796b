package policy

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
)

func equal(want pattern, got string) bool { return slices.Equal(want, runes(got)) }

func like(want pattern, got string) bool { return want.match(runes(got)) }

func equalFold(want pattern, got string) bool {
	return slices.EqualFunc(want, runes(got), func(a, b rune) bool {
		return a == b || unicode.ToLower(unicode.ToUpper(a)) == unicode.ToLower(unicode.ToUpper(b))
	})
}

// arnFields is how many fields an ARN has: arn:partition:service:region:account:resource.
const arnFields = 6

// likeARN compares the six fields one by one, so that no wildcard reaches over a colon before the
// resource. A text that has fewer fields matches nothing (assumed).
func likeARN(want pattern, got string) bool {
	wants, gots := fields(want), fields(runes(got))
	if len(wants) != arnFields || len(gots) != arnFields {
		return false
	}
	for i := range wants {
		if !pattern(wants[i]).match(gots[i]) {
			return false
		}
	}
	return true
}

func fields(text []rune) [][]rune {
	var out [][]rune
	for len(out) < arnFields-1 {
		colon := slices.Index(text, ':')
		if colon < 0 {
			break
		}
		out, text = append(out, text[:colon]), text[colon+1:]
	}
	return append(out, text)
}

// isBool takes "True" too, which tools that print Python's booleans write (assumed).
func isBool(want string) bool {
	return strings.EqualFold(want, "true") || strings.EqualFold(want, "false")
}

func isBase64(want string) bool {
	_, err := base64.StdEncoding.DecodeString(want)
	return err == nil
}

// equalBinary holds the request's raw bytes against the policy's Base64.
func equalBinary(want pattern, got string) bool {
	bytes, err := base64.StdEncoding.DecodeString(string(want))
	return err == nil && string(bytes) == got
}

// prefix reads an address range; a bare address is a range of one.
func prefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		return p.Masked(), err
	}
	address, err := netip.ParseAddr(text)
	return netip.PrefixFrom(address, address.BitLen()), err
}

func isPrefix(want string) bool {
	_, err := prefix(want)
	return err == nil
}

func inPrefix(want pattern, got string) bool {
	p, err := prefix(string(want))
	address, err2 := netip.ParseAddr(got)
	return err == nil && err2 == nil && (p.Contains(address) || p.Contains(address.Unmap()))
}

func numeric(test func(order int) bool) comparison {
	return comparison{
		valid: func(want string) bool { return number(want) != nil },
		match: func(want pattern, got string) bool {
			w, g := number(string(want)), number(got)
			return w != nil && g != nil && test(g.Cmp(w))
		},
	}
}

// number reads an integer or decimal exactly: a 21-digit Google subject is not rounded. Exponents are
// not numbers here (assumed), and the length is bounded, for arithmetic is not free.
func number(text string) *big.Rat {
	digits := strings.TrimLeft(text, "+-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if len(text) > 64 || len(text)-len(digits) > 1 || !isDigits(whole) || dotted && !isDigits(fraction) {
		return nil
	}
	value, _ := new(big.Rat).SetString(text)
	return value
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func date(test func(order int) bool) comparison {
	return comparison{
		valid: func(want string) bool { _, ok := instant(want); return ok },
		match: func(want pattern, got string) bool {
			w, ok := instant(string(want))
			g, ok2 := instant(got)
			return ok && ok2 && test(g.Compare(w))
		},
	}
}

// instant reads the date forms of the W3C note on ISO 8601, or seconds since 1970. Four digits are a
// year (assumed).
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	if value := number(text); value != nil {
		nanoseconds := new(big.Rat).Mul(value, big.NewRat(int64(time.Second), 1))
		whole := new(big.Int).Quo(nanoseconds.Num(), nanoseconds.Denom())
		if whole.IsInt64() {
			return time.Unix(0, whole.Int64()), true
		}
	}
	return time.Time{}, false
}
