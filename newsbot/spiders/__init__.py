"""The spider of this Scrapy project: ``scrapy list`` finds it here."""
