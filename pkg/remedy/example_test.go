package remedy_test

import (
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/login"
	"github.com/daypass/daypass/pkg/remedy"
)

func ExampleFor() {
	err := fmt.Errorf("signing in: %w", &login.IdPError{Code: "login_required"})
	r := remedy.For(err, remedy.Asked{Profile: "photos"}, time.Now())
	fmt.Println(r.Doing)
	fmt.Println(r.Likely)
	fmt.Println(r.Compare, r.ExitCode)
	// Output:
	// signing in: the IdP says login_required
	// the IdP wants to see you in the browser
	// daypass login 4
}
