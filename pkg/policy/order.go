package policy

import (
	"math/big"
	"strings"
	"time"
)

func numeric(test func(order int) bool) comparison {
	return comparison{
		valid: func(want string) bool { return number(want) != nil },
		match: func(want pattern, got string) bool {
			w, g := number(string(want)), number(got)
			return w != nil && g != nil && test(g.Cmp(w))
		},
	}
}

// number parses an integer or decimal exactly, so a 21-digit Google subject is not rounded. Exponents are not
// accepted (assumed). The length is limited because exact arithmetic on long numbers is slow.
func number(text string) *big.Rat {
	digits := strings.TrimLeft(text, "+-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if len(text) > 64 || !isDigits(whole) || dotted && !isDigits(fraction) {
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

// instant parses the date forms of the W3C note on ISO 8601, or seconds since 1970. Four digits are a year (assumed).
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
