/// A day of the Gregorian calendar.
package struct CivilDate: Sendable, Equatable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// The day that is that many days after 1 January 1970, in the years from 0 on. Years begin in March here, which puts the
    /// leap day at their end and makes the month lengths a linear pattern: 153 days in each five months.
    package init(dayNumber: Int) {
        let sinceMarchOfYear0 = dayNumber + 719_468
        let era = sinceMarchOfYear0 / 146_097
        let dayOfEra = sinceMarchOfYear0 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// The day of that year, month and day; `nil` if there is none in the years 1 to 9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        // The 31st of a month that has 30 days is the first of the next.
        guard CivilDate(dayNumber: dayNumber) == self else { return nil }
    }

    /// How many days after 1 January 1970 it is.
    package var dayNumber: Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (yearFromMarch / 400, yearFromMarch % 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
