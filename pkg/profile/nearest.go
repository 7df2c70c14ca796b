package profile

import (
	"fmt"
	"strings"
)

// didYouMean returns `; did you mean "…"?` with the known name that is most similar to the typed one, or "" if none is
// similar.
func didYouMean(typed string, known []string) string {
	if nearest := Nearest(typed, known); nearest != "" {
		return fmt.Sprintf("; did you mean %q?", nearest)
	}
	return ""
}

// Nearest returns the known name that is most similar to the typed one, or "" if none is similar.
func Nearest(typed string, known []string) string {
	best, bestDistance := "", min(2, len(typed)/2)+1
	for _, name := range known {
		if d := distance(strings.ToLower(typed), name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// maxTyped limits the length of names that are compared: the time is quadratic.
const maxTyped = 64

// distance returns how many bytes to insert, delete, replace or swap with the next to turn a into b (optimal string
// alignment).
func distance(a, b string) int {
	if len(a) > maxTyped || len(b) > maxTyped {
		return maxTyped
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
