package remedy_test

import (
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/remedy"
)

func ExampleFor() {
	err := fmt.Errorf("signing in: %w", &login.IdPError{Code: "login_required"})
	r := remedy.For(err, remedy.Asked{Profile: "photos", Flags: []string{"--profile", "photos"}}, time.Now())
	fmt.Println(r.Doing)
	fmt.Println(r.Likely)
	fmt.Println(r.Try, r.ExitCode)
	// Output:
	// signing in: the identity provider says login_required
	// the identity provider requires a sign-in in the browser
	// daypass login --profile photos 4
}
