package upload_test

import (
	"fmt"

	"github.com/daypass/daypass/pkg/internal/upload"
)

func ExampleKey() {
	key, err := upload.Key("uploads/auth0|6fa4/", "trip/day1.jpg")
	fmt.Println(key, err)
	_, err = upload.Key("uploads/auth0|6fa4/", "../bob/day1.jpg")
	fmt.Println(err)
	// Output:
	// uploads/auth0|6fa4/trip/day1.jpg <nil>
	// the name "../bob/day1.jpg" has the segment ".."
}
